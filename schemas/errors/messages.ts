import type { ErrorCode } from "./error-codes";

export type Lang = "zh" | "en";
export type Texts = Readonly<Record<Lang, string>>;

/** The message of an answer by its code. The code never changes with the language. */
export const MESSAGES: Readonly<Record<ErrorCode | "OK", Texts>> = {
	OK: { zh: "成功", en: "OK" },
	VALIDATION_ERROR: { zh: "请求参数有误", en: "The request has invalid fields" },
	MALFORMED_JSON: { zh: "请求体不是合法的 JSON", en: "The body is not valid JSON" },
	IDEMPOTENCY_KEY_REQUIRED: {
		zh: "缺少 Idempotency-Key 请求头（8–128 个可见字符）",
		en: "The Idempotency-Key header is required (8 to 128 visible characters)"
	},
	UNAUTHORIZED: { zh: "请先登录", en: "Please sign in" },
	TOKEN_EXPIRED: { zh: "登录已过期", en: "The access token has expired" },
	BAD_CREDENTIALS: { zh: "手机号或密码错误", en: "Wrong phone number or password" },
	SMS_CODE_INVALID: { zh: "验证码错误或已失效", en: "The code is wrong or no longer valid" },
	TOTP_REQUIRED: { zh: "请输入动态口令", en: "The code of your authenticator app is required" },
	SIGNATURE_INVALID: { zh: "签名无效", en: "The signature is invalid" },
	FORBIDDEN: { zh: "没有权限", en: "You may not do this" },
	ACCOUNT_DISABLED: { zh: "账号已被停用", en: "The account is disabled" },
	TOTP_SETUP_REQUIRED: { zh: "请先绑定动态口令", en: "Set up an authenticator app first" },
	STEP_UP_REQUIRED: { zh: "请再次验证身份", en: "Please confirm that it is you" },
	NOT_FOUND: { zh: "未找到", en: "Not found" },
	OUT_OF_STOCK: { zh: "库存不足", en: "Out of stock" },
	PRICE_CHANGED: { zh: "价格已变动", en: "The price has changed" },
	INVALID_STATE: { zh: "当前状态不允许此操作", en: "Not possible in the present state" },
	NOT_ON_SHELF: { zh: "商品未上架", en: "The product is not on sale" },
	DUPLICATE: { zh: "已存在", en: "It exists already" },
	COUPON_UNAVAILABLE: { zh: "优惠券不可用", en: "The coupon can't be used" },
	NOT_DELIVERABLE: { zh: "收货地址不在配送范围内", en: "It is not delivered to this address" },
	POINTS_UNAVAILABLE: { zh: "积分不足或超出可用上限", en: "Not so many points can be used" },
	IN_USE: { zh: "仍在使用中", en: "It is still in use" },
	REFUND_EXCEEDS_PAID: { zh: "退款超过实付金额", en: "The refund exceeds what was paid" },
	AFTER_SALE_CLOSED: {
		zh: "已超过售后期限或没有可申请的商品",
		en: "The time is over, or nothing is left to claim"
	},
	IDEMPOTENCY_IN_PROGRESS: { zh: "相同的请求正在处理", en: "The same request is being worked on" },
	VERSION_CONFLICT: {
		zh: "数据已被他人修改，请刷新后重试",
		en: "Someone else changed it; reload and try again"
	},
	PURCHASE_LIMIT: { zh: "超过限购数量", en: "It exceeds the units that one buyer may have" },
	LIMIT_REACHED: { zh: "数量已达上限", en: "There may be no more of these" },
	LAST_ONE: { zh: "至少须保留一个", en: "At least one has to stay" },
	SECOND_PERSON_REQUIRED: { zh: "须由另一人批准", en: "A second person has to agree" },
	PAYLOAD_TOO_LARGE: { zh: "请求体过大", en: "The body is too large" },
	UNSUPPORTED_MEDIA_TYPE: { zh: "不支持的内容类型", en: "Unsupported media type" },
	IDEMPOTENCY_KEY_REUSED: {
		zh: "Idempotency-Key 已用于另一个请求",
		en: "The Idempotency-Key was used for another request"
	},
	TOO_MANY_REQUESTS: { zh: "请求过于频繁，请稍后再试", en: "Too many requests, please try again later" },
	NOT_CONFIGURED: { zh: "商店尚未配置此功能", en: "The shop has not set this up" },
	SERVICE_UNAVAILABLE: { zh: "服务暂时不可用", en: "The service is not available at the moment" },
	REQUEST_TIMEOUT: { zh: "请求超时，结果未知", en: "The request timed out; its outcome is unknown" },
	INTERNAL_ERROR: { zh: "服务器内部错误", en: "Internal error" }
};

/** Faults of fields by the validator's type. The field is the subject of the sentence; `{expected}` is filled in. */
const FIELD_FAULTS = {
	required: { zh: "必填", en: "is required" },
	/** Used in place of `required` if null was sent. */
	null: { zh: "不能为 null", en: "must not be null" },
	invalid: { zh: "不正确", en: "is not valid" },
	unknown: { zh: "未知字段", en: "is not a known field" },
	string: { zh: "应为字符串", en: "must be a string" },
	stringEmpty: { zh: "不能为空", en: "must not be empty" },
	stringMin: { zh: "至少 {expected} 个字符", en: "must have at least {expected} characters" },
	stringMax: { zh: "至多 {expected} 个字符", en: "must have at most {expected} characters" },
	stringPattern: { zh: "格式不正确", en: "has the wrong format" },
	number: { zh: "应为数字", en: "must be a number" },
	numberInteger: { zh: "应为整数", en: "must be a whole number" },
	numberMin: { zh: "不能小于 {expected}", en: "must be at least {expected}" },
	numberMax: { zh: "不能大于 {expected}", en: "must be at most {expected}" },
	boolean: { zh: "应为 true 或 false", en: "must be true or false" },
	enumValue: { zh: "应为其中之一：{expected}", en: "must be one of: {expected}" },
	/** A value that the declaration of an attribute does not list. */
	enum: { zh: "应为其中之一：{expected}", en: "must be one of: {expected}" },
	array: { zh: "应为数组", en: "must be an array" },
	arrayMin: { zh: "至少 {expected} 项", en: "must have at least {expected} items" },
	arrayMax: { zh: "至多 {expected} 项", en: "must have at most {expected} items" },
	arrayUnique: { zh: "不能有重复项", en: "must not repeat an item" },
	object: { zh: "应为对象", en: "must be an object" },
	record: { zh: "应为对象", en: "must be an object" },
	/** More parameters in a query than any route takes. */
	parametersMax: { zh: "至多 {expected} 个参数", en: "must have at most {expected} parameters" },
	/** A page beyond the depth that lists have by number. */
	pageDepth: {
		zh: "页码过深：page × pageSize 至多 {expected}，请改用 cursor",
		en: "leads too deep: page × pageSize is at most {expected}; go on by cursor"
	},
	/** More values in a body than its route takes. */
	valuesMax: { zh: "至多 {expected} 个值", en: "must have at most {expected} values" },
	recordMax: { zh: "至多 {expected} 项", en: "must have at most {expected} entries" },
	duplicate: { zh: "只能出现一次", en: "must be given only once" },
	encoding: { zh: "百分号编码有误", en: "has invalid percent-encoding" },
	halfCharacter: { zh: "含有不完整的字符", en: "contains an incomplete character" },
	depth: { zh: "嵌套过深", en: "is nested too deeply" }
} as const satisfies Readonly<Record<string, Texts>>;

/** Faults that the domain finds in a field that its rule accepted. */
export const FAULTS = {
	pastDay: { zh: "应为过去的日期", en: "must be a date in the past" },
	futureDay: { zh: "不能是将来的日期", en: "must not be in the future" },
	deliverable: { zh: "无法用于配送", en: "can't be used for a delivery" },
	foreignOrigin: {
		zh: "应为本店地址（PUBLIC_URL）或 CORS_ORIGINS 中的来源",
		en: "must be a page on PUBLIC_URL or on one of CORS_ORIGINS"
	},
	unreachable: { zh: "无法接收短信", en: "is a number that gets no text messages" },
	mobile: { zh: "应为中国大陆手机号", en: "must be a mobile number of mainland China" },
	passwordCommon: { zh: "是最常见的密码之一", en: "is one of the most common passwords" },
	passwordPersonal: {
		zh: "不能由手机号、昵称或店名组成",
		en: "must not be made of the phone number, the nickname or the name of the shop"
	},
	passwordHasPhone: { zh: "不能包含手机号", en: "must not contain the phone number" },
	oneProof: {
		zh: "密码、短信验证码、动态口令须提供且只提供其一",
		en: "is required without another proof (password, smsCode, totpCode), and not allowed with one"
	},
	linesOrAll: { zh: "请列出商品，或选择全部", en: "is required unless all lines are meant" },
	noneSelected: { zh: "必填：购物车中没有选中的商品", en: "is required: nothing is selected in the cart" },
	unitsMax: { zh: "同一规格至多 {expected} 件", en: "must have at most {expected} units of a SKU" },
	cursorOrder: {
		zh: "仅用于按默认顺序排列的列表",
		en: "goes on in a list of the default order only"
	},
	attributeColumnsMax: {
		zh: "请缩小范围：所选商品至多有 {expected} 种属性",
		en: "must narrow the selection: its products may have at most {expected} attributes"
	},
	amountOrItems: {
		zh: "请给出金额，或者商品与运费，只能取其一",
		en: "is required without items or shipping, and not allowed with them"
	},
	amountMax: {
		zh: "该渠道单笔至多 {expected} 分",
		en: "accepts at most {expected} fen in one payment"
	},
	notOrdered: { zh: "不在该订单中", en: "is not in the order" },
	orderedMax: { zh: "订单中只有 {expected} 件", en: "is more than the {expected} that were ordered" },
	claimMax: {
		zh: "至多还可申请 {expected} 件",
		en: "must have at most {expected} units: no more are left"
	},
	refundMax: {
		zh: "至多可退 {expected} 分",
		en: "must be at most {expected} fen: no more can be refunded"
	},
	notInCase: { zh: "不在该售后单中", en: "is not among the goods of the case" },
	exchangeOnly: { zh: "仅用于换货", en: "is allowed in an exchange only" },
	notInExchange: { zh: "换货不退款", en: "is not allowed in an exchange" },
	oneLineExchange: {
		zh: "换成其他规格时一次只能换一种商品",
		en: "is allowed only where one SKU is exchanged"
	},
	dearerExchange: {
		zh: "不能比原商品贵",
		en: "must not cost more than what it replaces"
	},
	nothingPaid: { zh: "实付为 0，无款可退", en: "was free of charge, so there is nothing to refund" },
	repeated: { zh: "只能出现一次", en: "must be given only once" },
	noChange: { zh: "不能为 0", en: "must not be 0" },
	skusMax: {
		zh: "一个商品至多 {expected} 个规格",
		en: "exceeds the limit: a product has at most {expected} SKUs"
	},
	noCategory: { zh: "分类不存在", en: "must be an existing category" },
	noBrand: { zh: "品牌不存在", en: "must be an existing brand" },
	yuan: { zh: "应为元，至多两位小数", en: "must be an amount in yuan with at most two decimals" },
	cells: { zh: "应有 {expected} 个单元格", en: "must have {expected} cells" },
	ambiguous: { zh: "有多个同名分类", en: "names several categories" },
	contradicts: { zh: "与该商品前面的行不一致", en: "contradicts an earlier row of the product" },
	fileEncoding: { zh: "应为 UTF-8 或 GBK 文本", en: "must be a text in UTF-8 or GBK" },
	rowTooLong: { zh: "第 {expected} 行太长", en: "has too long a row, in line {expected}" },
	quoteOpen: {
		zh: "第 {expected} 行的引号没有闭合",
		en: "has a quote that is not closed, in line {expected}"
	},
	noPromotion: { zh: "促销不存在", en: "must be an existing promotion" },
	noProduct: { zh: "商品不存在", en: "must be an existing product" },
	noPicture: { zh: "图片不存在或已过期，请重新上传", en: "must be an existing picture; upload it again" },
	noSku: { zh: "规格不存在", en: "must be an existing SKU" },
	noLevel: { zh: "会员等级不存在", en: "must be an existing member level" },
	afterStart: { zh: "应晚于开始时间", en: "must be after the start" },
	scopeEmpty: { zh: "请指定适用商品", en: "must name some goods, or all" },
	notForType: { zh: "不适用于该类型", en: "is not for this type" },
	notWithTiers: { zh: "不能与阶梯同时使用", en: "is not allowed beside tiers" },
	tierRises: { zh: "应高于前一阶梯", en: "must be above that of the tier before" },
	webAddress: {
		zh: "应为 http 或 https 地址，且不含用户名",
		en: "must be an http or https address without a user"
	},
	privateAddress: { zh: "须为公网地址", en: "must be an address on the public internet" },
	noProvince: { zh: "应为省级行政区的全称", en: "must be the full name of a province" },
	noRegion: { zh: "不存在该省市区", en: "must be an existing province, city or district" },
	noShippingRule: { zh: "运费规则不存在", en: "must be an existing shipping rule" },
	noTag: { zh: "标签不存在", en: "must be an existing tag" }
} as const satisfies Readonly<Record<string, Texts>>;
export type Fault = keyof typeof FAULTS;
/** Every fault of a field that has a wording. */
export type FieldFaultType = keyof typeof FIELD_FAULTS | Fault;

const WORDS: ReadonlyMap<string, Texts> = new Map(Object.entries({ ...FIELD_FAULTS, ...FAULTS }));

/** The wording of one field's fault; `fallback` for a type without a wording. */
export function formatFieldMessage(type: string, expected: unknown, lang: Lang, fallback: string): string {
	const words = WORDS.get(type)?.[lang];
	return words
		? words.replace("{expected}", Array.isArray(expected) ? expected.join(", ") : String(expected))
		: fallback;
}
