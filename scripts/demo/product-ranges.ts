import type { Kind } from "../../services/demo-pictures/picture-shapes.domain";

type Option = { readonly name: string; readonly values: readonly string[] };

/** Products of one leaf category: names are made by combining its words. */
export type Range = {
	readonly categoryKey: Kind;
	readonly brands: readonly string[];
	readonly series: readonly string[];
	readonly features: readonly string[];
	readonly nouns: readonly string[];
	/** Lowest and highest price, in yuan. */
	readonly price: readonly [number, number];
	readonly style: Option;
	/** `step`: each size costs this fraction of the price more than the one before. */
	readonly size: Option & { readonly step: number };
	readonly specs: readonly Option[];
	readonly praise: readonly string[];
};

/** Colours of pictures, as `rrggbb`, by value of the attributes 颜色 and 色号. */
export const COLOURS: Readonly<Record<string, string>> = {
	黑: "1c1c1e",
	白: "f2efe8",
	银灰: "b9bec7",
	雾蓝: "7d9cc0",
	藏青: "27406b",
	薄荷绿: "8fc9a9",
	墨绿: "2f5d4a",
	樱粉: "f0b3c2",
	酒红: "8c2f3f",
	香芋紫: "a68cc9",
	暖橙: "e8873a",
	米杏: "e3cfae",
	焦糖: "b5763c",
	正红: "c8202f",
	豆沙: "b56a66",
	枫叶: "b5482e",
	蜜桃: "e98a7a"
};

/** Splits a list written as one line, as in `words("黑 白 雾蓝")`. */
const words = (line: string): readonly string[] => line.split(" ");
const colours = (line: string): Option => ({ name: "颜色", values: words(line) });
const spec = (name: string, line: string): Option => ({ name, values: words(line) });
const sizes = (name: string, step: number, line: string) => ({ name, step, values: words(line) });

export const RANGES: readonly Range[] = [
	{
		categoryKey: "phone",
		brands: words("xinglan chengyu"),
		series: words("X5 X5-Pro X7 S20 S20-Max Note9 Note9-Pro A3 A3-Lite 折叠V2"),
		features: words("长续航 影像旗舰 轻薄直屏 高刷护眼 大电池 百瓦快充 卫星通信 防水抗摔"),
		nouns: words("智能手机 5G手机 全网通手机"),
		price: [999, 6999],
		style: colours("黑 白 雾蓝 香芋紫 薄荷绿"),
		size: sizes("内存", 0.14, "8GB+128GB 8GB+256GB 12GB+256GB 16GB+512GB"),
		specs: [
			spec("屏幕尺寸", "6.1英寸 6.5英寸 6.7英寸 6.9英寸"),
			spec("电池容量", "4500mAh 5000mAh 5500mAh 6000mAh")
		],
		praise: words(
			"屏幕通透，户外强光下也看得清楚。 一天重度使用不用找充电器。 夜景拍摄干净自然，抓拍跟得上孩子的脚步。 握感圆润，长时间单手使用不累。"
		)
	},
	{
		categoryKey: "case",
		brands: words("xinglan chengyu jichuan"),
		series: words("磐甲 轻羽 晶透 云感 皮韵 流光 简迹 磁吸派"),
		features: words("防摔 磁吸 超薄 液态硅胶 防指纹 全包镜头 气囊减震 磨砂"),
		nouns: words("手机壳 手机保护壳 手机套"),
		price: [19, 129],
		style: colours("黑 白 雾蓝 樱粉 墨绿"),
		size: sizes("适用型号", 0.06, "X5 X5-Pro X7 Note9"),
		specs: [spec("外壳材质", "硅胶 TPU 素皮 凯夫拉纤维"), spec("支持无线充电", "支持 不支持")],
		praise: words(
			"四角气囊缓冲，日常跌落不心慌。 按键回弹清脆，开孔严丝合缝。 亲肤涂层不沾指纹，也不易发黄。 薄而不软，装上几乎感觉不到重量。"
		)
	},
	{
		categoryKey: "earphone",
		brands: words("jichuan xinglan"),
		series: words("听澜2 听澜3 Air-S Buds5 Buds5-Pro 静谧 律动 森林"),
		features: words("主动降噪 超长续航 运动防水 低延迟游戏 空间音频 开放式 骨传导 入耳式"),
		nouns: words("蓝牙耳机 真无线耳机 无线耳机"),
		price: [99, 1299],
		style: colours("黑 白 雾蓝 香芋紫"),
		size: sizes("套餐", 0.12, "标准版 无线充版 收纳包套装"),
		specs: [spec("续航时间", "24小时 30小时 36小时 48小时"), spec("防水等级", "IPX4 IPX5 IP54 IP67")],
		praise: words(
			"地铁里一秒安静，人声依旧清楚。 单耳不到五克，戴一下午也不胀。 低频有弹性，人声不发闷。 开盖即连，手机电脑之间自动切换。"
		)
	},
	{
		categoryKey: "watch",
		brands: words("beichen chengyu"),
		series: words("时序1 时序2 GT3 GT3-Pro 山海 轻氧 城市 越野"),
		features: words("血氧监测 独立通话 双频定位 长续航 睡眠管理 跑步教练 快充 女性关怀"),
		nouns: words("智能手表 运动手表 健康手表"),
		price: [299, 2599],
		style: colours("黑 银灰 樱粉 墨绿"),
		size: sizes("表盘", 0.1, "41mm 44mm 47mm"),
		specs: [spec("表带材质", "氟橡胶 真皮 不锈钢 编织"), spec("防水深度", "50米 100米")],
		praise: words(
			"抬腕即亮，阳光下数据一目了然。 一次充电陪你走完半个月。 跑步轨迹贴着跑道走，不再漂移。 整夜佩戴无感，睡眠分析细致。"
		)
	},
	{
		categoryKey: "laptop",
		brands: words("moheng xinglan"),
		series: words("Book14 Book16 Air13 Pro14 Pro16 创作本 行者 星图"),
		features: words("轻薄 高性能 护眼屏 长续航 金属机身 触控 办公学习 设计师"),
		nouns: words("笔记本电脑 超极本 商务本"),
		price: [3299, 11999],
		style: colours("银灰 黑 雾蓝"),
		size: sizes("配置", 0.16, "16GB+512GB 16GB+1TB 32GB+1TB"),
		specs: [spec("处理器", "8核 12核 14核 16核"), spec("屏幕刷新率", "60Hz 90Hz 120Hz 165Hz")],
		praise: words(
			"合盖不到一指厚，通勤背着不压肩。 键程扎实，写一天稿子手指也不酸。 风扇安静，图书馆里不打扰别人。 屏幕出厂逐台校色，看图放心。"
		)
	},
	{
		categoryKey: "kettle",
		brands: words("nuanchao tangmu"),
		series: words("晨曦 小满 热恋 白露 清欢 壶说"),
		features: words("恒温 速沸 双层防烫 静音 智能控温 家用 手冲细口 一键保温"),
		nouns: words("电水壶 电热水壶 烧水壶"),
		price: [79, 399],
		style: colours("白 黑 薄荷绿 米杏"),
		size: sizes("容量", 0.12, "1.0L 1.5L 1.8L"),
		specs: [spec("功率", "1200W 1500W 1800W"), spec("内胆材质", "304不锈钢 316不锈钢 高硼硅玻璃")],
		praise: words(
			"五分钟烧开一壶，早晨不用等。 壶身双层隔热，孩子碰到也不烫手。 壶嘴出水平稳，冲茶泡奶都好控制。 沸腾自动断电，出门不再回头看。"
		)
	},
	{
		categoryKey: "cooker",
		brands: words("tangmu nuanchao"),
		series: words("稻香 柴火 小灶 合家 粒粒 一品"),
		features: words("IH加热 低糖 智能预约 球釜 快煮 多功能 迷你 不粘内胆"),
		nouns: words("电饭煲 电饭锅 家用电饭煲"),
		price: [169, 1299],
		style: colours("白 银灰 米杏"),
		size: sizes("容量", 0.18, "2L 3L 4L 5L"),
		specs: [spec("功率", "500W 860W 1200W"), spec("预约时长", "12小时 24小时")],
		praise: words(
			"米饭颗粒分明，冷了也不硬。 睡前预约，醒来就有热粥。 内胆涂层厚实，一冲就干净。 面板只留常用功能，老人也会用。"
		)
	},
	{
		categoryKey: "lamp",
		brands: words("weiguang nuanchao"),
		series: words("萤火 夜航 书房 月半 光合 折纸"),
		features: words("护眼 国AA级 无频闪 可折叠 无极调光 触控 学习 床头"),
		nouns: words("台灯 桌面灯 阅读灯"),
		price: [59, 599],
		style: colours("白 黑 薄荷绿 樱粉"),
		size: sizes("供电方式", 0.15, "插电款 充电款"),
		specs: [spec("色温", "3000K 4000K 3000K-5000K"), spec("显色指数", "Ra90 Ra95 Ra97")],
		praise: words(
			"光线铺满桌面，看书没有暗角。 久看不刺眼，屏幕前也没有反光。 灯臂悬停稳当，想照哪里就照哪里。 记得你上次的亮度，伸手就亮。"
		)
	},
	{
		categoryKey: "tea",
		brands: words("mingyin yunlu"),
		series: words("明前 雨前 云雾 头采 陈年 山野 窖藏 手作"),
		features: words("特级 一级 高山 有机 清香型 浓香型 手采 口粮"),
		nouns: words("绿茶 红茶 乌龙茶 白茶 茉莉花茶 普洱茶"),
		price: [38, 688],
		style: { name: "包装", values: words("袋装 罐装 礼盒") },
		size: sizes("净含量", 0.45, "100g 250g 500g"),
		specs: [spec("产地", "福建 浙江 云南 安徽"), spec("保质期", "12个月 18个月 36个月")],
		praise: words(
			"汤色清亮，入口回甘绵长。 茶园海拔高，云雾养出鲜爽。 叶底匀整，耐得住七八道冲泡。 独立小袋，办公室里随手一泡。"
		)
	},
	{
		categoryKey: "snack",
		brands: words("guoxiaoli tianye"),
		series: words("每日 小满足 脆脆 山货 午后 旅行 加班 团圆"),
		features: words("低温烘焙 无添加 独立小包 高蛋白 轻盐 当季新货 大颗粒 手工"),
		nouns: words("混合坚果 夏威夷果 腰果 巴旦木 开心果 冻干草莓 牛肉干 海苔脆"),
		price: [15, 158],
		style: { name: "口味", values: words("原味 蜂蜜黄油 海盐焦糖 香辣") },
		size: sizes("净含量", 0.55, "100g 250g 500g"),
		specs: [spec("储存方式", "常温避光 冷藏"), spec("保质期", "6个月 9个月 12个月")],
		praise: words(
			"当季新果，颗颗饱满不空壳。 烘得透，嚼起来满口香。 不额外加糖，老人孩子都能吃。 小包装刚好一次的量，不怕受潮。"
		)
	},
	{
		categoryKey: "shirt",
		brands: words("muye subai"),
		series: words("基本款 周末 云朵 海岸 复古 留白 城市 山系"),
		features: words("亲肤 重磅 凉感 透气 挺括 抗皱 印花 圆领"),
		nouns: words("短袖T恤 T恤 打底衫 情侣T恤"),
		price: [39, 259],
		style: colours("白 黑 雾蓝 米杏 墨绿"),
		size: sizes("尺码", 0, "S M L XL XXL"),
		specs: [spec("面料", "新疆长绒棉 精梳棉 莫代尔 亚麻"), spec("版型", "修身 合体 宽松")],
		praise: words(
			"领口三针加固，洗多少次都不松。 面料厚实不透，单穿也有型。 亲肤透气，夏天不闷汗。 缩水率低，机洗也不变形。"
		)
	},
	{
		categoryKey: "shoe",
		brands: words("benlan muye"),
		series: words("疾风3 云跑 破晓 山径 轻羽 晨光 节拍 远行"),
		features: words("缓震 透气 防滑 碳板竞速 轻便 复古 舒适 增高"),
		nouns: words("跑步鞋 运动鞋 休闲鞋 训练鞋"),
		price: [129, 999],
		style: colours("白 黑 雾蓝 暖橙"),
		size: sizes("鞋码", 0, "38 39 40 41 42 43"),
		specs: [spec("鞋底材质", "橡胶 EVA PEBA"), spec("适用场景", "路跑 越野 健身 日常")],
		praise: words("落地柔和，推蹬有力。 鞋面透气，跑完脚不闷。 雨天路滑也抓得牢。 后跟稳定，不磨脚踝。")
	},
	{
		categoryKey: "bag",
		brands: words("guiyan muye"),
		series: words("远山 通勤 校园 城际 拾荒 折叠 旅人 极简"),
		features: words("大容量 防泼水 减负 防盗 可扩容 独立隔层 轻量 复古"),
		nouns: words("双肩包 背包 书包 电脑包"),
		price: [89, 699],
		style: colours("黑 藏青 墨绿 焦糖"),
		size: sizes("包袋容量", 0.15, "18L 24L 32L"),
		specs: [spec("箱包面料", "牛津布 尼龙 帆布 再生聚酯"), spec("适用电脑", "14英寸 15.6英寸 16英寸")],
		praise: words(
			"肩带加宽，装满也不勒。 隔层分明，找东西不用翻到底。 小雨淋不透，出差安心。 底部加厚，电脑磕碰不心疼。"
		)
	},
	{
		categoryKey: "cream",
		brands: words("feiyu jise"),
		series: words("雪盏 青瓷 玉容 初棠 晚香 空山"),
		features: words("保湿 修护 抗皱 舒缓 提亮 清爽 敏感肌 滋养"),
		nouns: words("面霜 精华霜 晚霜 乳霜"),
		price: [69, 799],
		style: { name: "肤质", values: words("干性 中性 油性") },
		size: sizes("规格", 0.5, "30g 50g 80g"),
		specs: [spec("主要成分", "神经酰胺 玻尿酸 角鲨烷 积雪草"), spec("香型", "无香 淡花香 草木香")],
		praise: words(
			"质地柔软，一抹化开不搓泥。 换季干燥脱皮，隔天就稳定。 不含酒精和香精，敏感肌也可用。 清晨起床，脸还是润的。"
		)
	},
	{
		categoryKey: "lipstick",
		brands: words("jise feiyu"),
		series: words("丹青 胭脂扣 落日 山茶 朝暮 雁归"),
		features: words("丝滑 显色 轻薄 滋润 持久 不沾杯 显白 雕花"),
		nouns: words("口红 唇膏 唇釉"),
		price: [49, 329],
		style: { name: "色号", values: words("正红 豆沙 枫叶 蜜桃 酒红") },
		size: sizes("装量", 0.7, "单支装 双支礼盒"),
		specs: [spec("妆效", "哑光 水光 缎光"), spec("持妆时间", "4小时 8小时 12小时")],
		praise: words(
			"薄涂提气色，厚涂有气场。 吃饭喝水后颜色依旧均匀。 含植物油脂，不拔干不显唇纹。 管身磁吸开合，送人体面。"
		)
	},
	{
		categoryKey: "nursing",
		brands: words("zhiyu douya"),
		series: words("初抱 小海豚 暖暖 自然 星星 安睡"),
		features: words("防胀气 宽口径 仿母乳 耐高温 防摔 带手柄 轻盈 易清洗"),
		nouns: words("奶瓶 婴儿奶瓶 学饮奶瓶"),
		price: [39, 199],
		style: colours("樱粉 雾蓝 薄荷绿"),
		size: sizes("容量", 0.15, "160ml 240ml 330ml"),
		specs: [spec("瓶身材质", "PPSU 高硼硅玻璃 硅胶"), spec("适用月龄", "0-3个月 3-6个月 6个月以上")],
		praise: words(
			"排气阀设计，宝宝喝完不打嗝。 奶嘴柔软，换瓶不抗拒。 宽口好冲洗，不留死角。 刻度清晰，夜里也看得准。"
		)
	},
	{
		categoryKey: "toy",
		brands: words("douya zhiyu"),
		series: words("棉花糖 森林 打盹 团团 月亮 冒险"),
		features: words("安抚 超软 治愈 可机洗 会说话 抱枕 奶呼呼 生日礼物"),
		nouns: words("毛绒小熊 毛绒玩具 玩偶 公仔"),
		price: [29, 299],
		style: colours("焦糖 米杏 樱粉 银灰"),
		size: sizes("高度", 0.4, "30cm 45cm 60cm"),
		specs: [spec("填充物", "PP棉 羽丝绒 再生棉"), spec("适用年龄", "0岁以上 3岁以上")],
		praise: words(
			"绒毛细密，贴脸也不扎。 填充饱满，抱久了能自己回弹。 眼睛鼻子刺绣完成，不怕宝宝啃。 整只可机洗，晒干依旧蓬松。"
		)
	},
	{
		categoryKey: "book",
		brands: words("zhiyuan yanbian"),
		series: words("雾港 旧城 南方 群山 夜航 雨季 归途 灯塔"),
		features: words("来信 往事 笔记 少年 书店 列车 守夜人 植物志"),
		nouns: words("长篇小说 短篇小说集 悬疑小说 散文集"),
		price: [29, 128],
		style: { name: "装帧", values: words("平装 精装") },
		size: sizes("版本", 0.35, "普通版 作者签名版 典藏版"),
		specs: [spec("开本", "32开 16开"), spec("页数", "240页 320页 416页 560页")],
		praise: words(
			"语言克制，后劲很长。 每一章都藏着一个小小的转折。 纸张护眼，装订可以完全摊平。 适合一个人的雨夜慢慢读。"
		)
	},
	{
		categoryKey: "ball",
		brands: words("zhulang benlan"),
		series: words("街头 主场 绝杀 少年 夜战 王牌"),
		features: words("耐磨 吸湿 高弹 稳手感 进阶 软皮 防滑 夜光"),
		nouns: words("篮球 比赛篮球 训练篮球"),
		price: [59, 459],
		style: colours("暖橙 焦糖 黑"),
		size: sizes("球号", 0.08, "5号 6号 7号"),
		specs: [spec("球皮材质", "PU 超纤 橡胶"), spec("适用场地", "室内 室外 室内外通用")],
		praise: words(
			"颗粒分明，出汗也握得稳。 弹跳均匀，运球不跑偏。 水泥地磨一季，纹路依旧清楚。 随球送气针和网兜，拆开就能打。"
		)
	},
	{
		categoryKey: "mat",
		brands: words("qinghe zhulang"),
		series: words("晨曦 呼吸 静水 禅意 森息 拜日"),
		features: words("防滑 稳固 环保 体位线 便携 静音 亲肤 加宽"),
		nouns: words("瑜伽垫 健身垫 运动垫"),
		price: [49, 499],
		style: colours("香芋紫 薄荷绿 雾蓝 黑"),
		size: sizes("厚度", 0.12, "6mm 8mm 10mm"),
		specs: [spec("垫面材质", "TPE 天然橡胶 NBR"), spec("垫子长度", "183cm 185cm 200cm")],
		praise: words(
			"手脚出汗也抓得住垫面。 回弹适中，膝盖跪着不疼。 铺开即平，边角不卷。 没有刺鼻气味，拆开就能练。"
		)
	},
	{
		categoryKey: "cup",
		brands: words("shiyue qinghe tangmu"),
		series: words("小满 山行 拾光 寒露 一日 随行"),
		features: words("真空 便携 一键弹盖 通勤 显示温度 轻量 茶水分离 防漏"),
		nouns: words("保温杯 随行杯 水杯 保温壶"),
		price: [49, 329],
		style: colours("白 黑 雾蓝 樱粉 墨绿"),
		size: sizes("容量", 0.12, "350ml 500ml 750ml"),
		specs: [spec("保温时长", "6小时 12小时 24小时"), spec("内胆材质", "304不锈钢 316不锈钢 陶瓷涂层")],
		praise: words(
			"早上装的热水，下午还烫嘴。 倒着放进包里一滴不漏。 杯口圆润，直接喝也舒服。 可拆洗的盖子，不藏茶垢。"
		)
	}
];
