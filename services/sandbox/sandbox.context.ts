import type { Store } from "../../mixins/store.mixin";
import type { ChannelName } from "../../schemas/payments.contract";
import type { StoredTrade } from "./document-trade-store";
import type { EmulatedParcel } from "./emulators/kuaidi100/parcel.domain";
import type { ChannelEmulator, NotificationRequest } from "./emulators/channel-emulator";

export type Sms = {
	readonly _id: string;
	readonly phone: string;
	readonly text: string;
	/** Null in a notice. */
	readonly code: string | null;
	readonly at: Date;
};

export type Emulators = Readonly<Record<ChannelName, ChannelEmulator>>;

/** The shop's answer to a notification; status 0 where there was none. */
export type NotificationReply = { readonly status: number; readonly body: string };

/** Stores and emulators that the functions of this service work with. */
export type SandboxContext = {
	readonly messages: Store<Sms>;
	readonly trades: Store<StoredTrade>;
	readonly shipments: Store<EmulatedParcel>;
	/** The emulated channels, created on first use, because the gateway's address is not known earlier. */
	readonly emulators: () => Emulators;
	readonly post: (notification: NotificationRequest) => Promise<NotificationReply>;
};
