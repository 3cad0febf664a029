import { buildPicturePath, buildSeed } from "../../services/demo-pictures/picture.domain";

/** What the home page of the demo shop shows; links lead to routes of the API. */
export const BANNERS = [
	{
		key: "spring",
		title: "新茶上市",
		image: buildPicturePath({ seed: buildSeed("tea", 110), label: "新茶上市" }),
		categoryKey: "tea"
	}
] as const;

export const NOTICES = [
	{
		key: "welcome",
		title: "欢迎来到浙里商城",
		content: "这里是演示商店：商品、品牌与价格均为虚构，下单不会真的扣款。"
	}
] as const;

export const SECTIONS = [
	{ key: "new", title: "新品上架", kind: "new", limit: 8, sort: 10 },
	{ key: "best", title: "大家都在买", kind: "bestsellers", limit: 8, sort: 20 }
] as const;

export const PAGES = [
	{
		key: "about",
		slug: "about",
		title: "关于我们",
		content: `# 关于我们

zjMall 是一个**演示商店**，后端开源，可以在一台笔记本电脑上运行，也可以部署成集群。

- 七天无理由退换
- 支持支付宝与微信支付（沙箱）

| 服务 | 时间 |
| --- | --- |
| 在线客服 | 每天 9:00–21:00 |
| 发货 | 付款后 24 小时内 |
`
	}
] as const;
