import { randomBytes } from "node:crypto";
import type { Config } from "../../mixins/config.mixin";
import type { KeyValueStore } from "../../mixins/key-value.mixin";
import type { Meta } from "../../schemas/kit";
import { EMPTY, type Cart } from "./cart.domain";

/** What the functions here need of the service. */
type Keeper = { readonly kv: KeyValueStore; readonly config: Config };
type Next = (cart: Cart) => Cart;

/** Whoever knows a guest's id has the cart: 256 random bits. */
const newGuestId = () => randomBytes(32).toString("base64url");
const GUEST_ID = /^[\w-]{43}$/;

// A guest can't name a user's cart: the kind is part of the key.
const userKey = (userId: string) => `user:${userId}`;
const guestKey = (cartId: string) => `guest:${cartId}`;

export async function readUserCart({ kv }: Keeper, userId: string): Promise<Cart> {
	return (await kv.get<Cart>(userKey(userId))) ?? EMPTY;
}

/** The caller's cart; an empty one where there is none. */
export async function readCart(keeper: Keeper, { user, cartId }: Meta): Promise<Cart> {
	if (user) return readUserCart(keeper, user.id);
	const cart = cartId && GUEST_ID.test(cartId) ? await keeper.kv.get<Cart>(guestKey(cartId)) : null;
	return cart && !cart.closedFor ? cart : EMPTY;
}

export async function changeUserCart({ kv }: Keeper, userId: string, next: Next): Promise<Cart> {
	return (await kv.update<Cart>(userKey(userId), before => next(before ?? EMPTY))) ?? EMPTY;
}

/** Changes the caller's cart. One that does not exist is as an empty one, and is not made. */
export async function changeCart(keeper: Keeper, meta: Meta, next: Next): Promise<Cart> {
	if (meta.user) return changeUserCart(keeper, meta.user.id, next);
	return (await changeGuestCart(keeper, meta.cartId, next)) ?? next(EMPTY);
}

/** Changes the caller's cart. A guest without one gets one, under an id of ours whatever id the request carried. */
export async function openCart(
	keeper: Keeper,
	meta: Meta,
	next: Next
): Promise<{ cart: Cart; guestId?: string }> {
	if (meta.user) return { cart: await changeUserCart(keeper, meta.user.id, next) };
	const known = await changeGuestCart(keeper, meta.cartId, next);
	if (known && meta.cartId) return { cart: known, guestId: meta.cartId };
	const guestId = newGuestId();
	const cart = next(EMPTY);
	await keeper.kv.update<Cart>(guestKey(guestId), () => cart, guestTtlMs(keeper));
	return { cart, guestId };
}

/**
 * Closes a guest's cart in favour of a user: it takes no more lines, so none can come in too late to be merged. Null when
 * there is none or another user was first.
 */
export async function closeGuestCart(keeper: Keeper, cartId: string, userId: string): Promise<Cart | null> {
	if (!GUEST_ID.test(cartId)) return null;
	const cart = await keeper.kv.update<Cart>(
		guestKey(cartId),
		before => before && { ...before, closedFor: before.closedFor ?? userId },
		guestTtlMs(keeper)
	);
	return cart?.closedFor === userId ? cart : null;
}

export async function removeGuestCart({ kv }: Keeper, cartId: string): Promise<void> {
	await kv.take(guestKey(cartId));
}

async function changeGuestCart(keeper: Keeper, cartId: string | undefined, next: Next): Promise<Cart | null> {
	if (!cartId || !GUEST_ID.test(cartId)) return null;
	const cart = await keeper.kv.update<Cart>(
		guestKey(cartId),
		before => (before && !before.closedFor ? next(before) : before),
		guestTtlMs(keeper)
	);
	return cart && !cart.closedFor ? cart : null;
}

const guestTtlMs = ({ config }: Keeper) => config.get("cart.guestTtl") * 1000;
