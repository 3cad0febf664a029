import { randomBytes } from "node:crypto";
import type { Meta } from "../../schemas/kit/service";
import { EMPTY, type Cart } from "./cart.domain";
import type { CartsContext } from "./carts.context";

/** A pure change of a cart; the key-value store may run it several times. */
type CartChange = (cart: Cart) => Cart;

/** The id alone gives access to a guest's cart, so it has 256 random bits. */
const newGuestId = () => randomBytes(32).toString("base64url");
const GUEST_ID = /^[\w-]{43}$/;

// The kind is part of the key, so that a guest can't name a user's cart.
const userKey = (userId: string) => `user:${userId}`;
const guestKey = (cartId: string) => `guest:${cartId}`;

export async function readUserCart({ kv }: CartsContext, userId: string): Promise<Cart> {
	return (await kv.get<Cart>(userKey(userId))) ?? EMPTY;
}

/** The caller's cart; an empty one where there is none. */
export async function readCart(context: CartsContext, { user, cartId }: Meta): Promise<Cart> {
	if (user) return readUserCart(context, user.id);
	const cart = cartId && GUEST_ID.test(cartId) ? await context.kv.get<Cart>(guestKey(cartId)) : null;
	return cart && !cart.closedFor ? cart : EMPTY;
}

export async function changeUserCart(
	{ kv }: CartsContext,
	userId: string,
	change: CartChange
): Promise<Cart> {
	return (await kv.update<Cart>(userKey(userId), before => change(before ?? EMPTY))) ?? EMPTY;
}

/** Changes the caller's cart. Where a guest has none, the change is applied to an empty cart, which is not stored. */
export async function changeCart(context: CartsContext, meta: Meta, change: CartChange): Promise<Cart> {
	if (meta.user) return changeUserCart(context, meta.user.id, change);
	return (await changeGuestCart(context, meta.cartId, change)) ?? change(EMPTY);
}

/** Changes the caller's cart. A guest without one gets one, always under a new id: a client can't choose the id of a cart. */
export async function changeOrCreateCart(
	context: CartsContext,
	meta: Meta,
	change: CartChange
): Promise<{ cart: Cart; guestId?: string }> {
	if (meta.user) return { cart: await changeUserCart(context, meta.user.id, change) };
	const known = await changeGuestCart(context, meta.cartId, change);
	if (known && meta.cartId) return { cart: known, guestId: meta.cartId };
	const guestId = newGuestId();
	const cart = change(EMPTY);
	await context.kv.update<Cart>(guestKey(guestId), () => cart, guestTtlMs(context));
	return { cart, guestId };
}

/**
 * Closes a guest's cart in favour of a user. A closed cart accepts no more lines, so none can come too late to be merged.
 * Null when there is no such cart or another user was first.
 */
export async function closeGuestCart(
	context: CartsContext,
	cartId: string,
	userId: string
): Promise<Cart | null> {
	if (!GUEST_ID.test(cartId)) return null;
	const cart = await context.kv.update<Cart>(
		guestKey(cartId),
		before => before && { ...before, closedFor: before.closedFor ?? userId },
		guestTtlMs(context)
	);
	return cart?.closedFor === userId ? cart : null;
}

export async function removeUserCart({ kv }: CartsContext, userId: string): Promise<void> {
	await kv.take(userKey(userId));
}

export async function removeGuestCart({ kv }: CartsContext, cartId: string): Promise<void> {
	await kv.take(guestKey(cartId));
}

async function changeGuestCart(
	context: CartsContext,
	cartId: string | undefined,
	change: CartChange
): Promise<Cart | null> {
	if (!cartId || !GUEST_ID.test(cartId)) return null;
	const cart = await context.kv.update<Cart>(
		guestKey(cartId),
		before => (before && !before.closedFor ? change(before) : before),
		guestTtlMs(context)
	);
	return cart && !cart.closedFor ? cart : null;
}

const guestTtlMs = ({ config }: CartsContext) => config.get("cart.guestTtl") * 1000;
