/** What a one-time code by SMS can be for. It is valid for no other purpose. */
export const SMS_PURPOSES = ["register", "login", "bind", "reset", "close", "step_up"] as const;
export type SmsPurpose = (typeof SMS_PURPOSES)[number];

/** Messages without a code: the account was moved to another phone. */
export const SMS_NOTICES = ["phone_changed"] as const;

/** Every kind of text message; providers have a template for each. */
export type SmsKind = SmsPurpose | (typeof SMS_NOTICES)[number];
