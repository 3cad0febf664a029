/** A small catalogue of known goods, one a line: id | name | category | brand | sales. */
const PRODUCT_LINES = `
ip15 | Apple iPhone 15 128GB 5G手机 | 智能手机 | 苹果 | 900
ip15pm | Apple iPhone 15 Pro Max 256GB 钛金属 5G手机 | 智能手机 | 苹果 | 700
k80 | Redmi K80 Pro 12GB+256GB 骁龙至尊版 智能手机 | 智能手机 | 小米 | 800
mi15 | 小米15 徕卡光学镜头 智能手机 | 智能手机 | 小米 | 650
mate70 | 华为 Mate 70 鸿蒙系统 智能手机 | 智能手机 | 华为 | 640
s25 | 三星 Samsung Galaxy S25 Ultra 折叠屏 手机 | 智能手机 | 三星 | 300
case15 | 磁吸透明 手机壳 适用 iPhone 15 | 手机壳 | 倍思 | 2000
casek80 | 防摔液态硅胶 手机壳 适用 Redmi K80 | 手机壳 | 倍思 | 500
pb20k | 倍思 充电宝 20000毫安 22.5W 快充 | 充电宝 | 倍思 | 1500
ankerpb | Anker 安克 移动电源 10000mAh 磁吸 | 充电宝 | 安克 | 600
airpods | Apple AirPods Pro 2 主动降噪 无线蓝牙耳机 | 无线耳机 | 苹果 | 1100
wh1000 | 索尼 Sony WH-1000XM5 头戴式 降噪耳机 | 无线耳机 | 索尼 | 400
freebuds | 华为 FreeBuds Pro 4 真无线蓝牙耳机 | 无线耳机 | 华为 | 350
watch10 | Apple Watch Series 10 智能手表 | 智能手表 | 苹果 | 420
gt5 | 华为 WATCH GT 5 运动手表 血氧监测 | 智能手表 | 华为 | 380
mba | Apple MacBook Air 13 M4 笔记本电脑 | 笔记本电脑 | 苹果 | 360
thinkpad | 联想 ThinkPad X1 Carbon 商务本 轻薄笔记本 | 笔记本电脑 | 联想 | 200
mouse | 罗技 Logitech MX Master 3S 无线鼠标 | 电脑配件 | 罗技 | 500
keyboard | 罗技 机械键盘 87键 茶轴 | 电脑配件 | 罗技 | 260
tv75 | 海信 75英寸 4K 液晶电视 | 电视 | 海信 | 210
tvmi | 小米 电视 S65 Mini LED | 电视 | 小米 | 330
fridge | 海尔 冰箱 对开门 风冷无霜 | 冰箱 | 海尔 | 190
washer | 小天鹅 洗衣机 10公斤 滚筒 | 洗衣机 | 小天鹅 | 230
dyson | 戴森 Dyson V12 无线吸尘器 | 吸尘器 | 戴森 | 270
cooker | 美的 电饭煲 4L IH加热 | 厨房电器 | 美的 | 610
kettle | 苏泊尔 电热水壶 1.5L 304不锈钢 | 厨房电器 | 苏泊尔 | 720
thermos | 膳魔师 保温杯 500ml 不锈钢真空 | 杯壶 | 膳魔师 | 830
tshirt | 优衣库 男装 圆领短袖T恤 纯棉 | T恤 | 优衣库 | 1300
down | 波司登 羽绒服 男 短款 90绒 | 羽绒服 | 波司登 | 440
downw | 波司登 羽绒服 女 长款 修身 | 羽绒服 | 波司登 | 460
jeans | Levi's 李维斯 牛仔裤 男 修身 | 牛仔裤 | 李维斯 | 310
airmax | 耐克 Nike Air Max 运动鞋 男 | 运动鞋 | 耐克 | 540
ultraboost | 阿迪达斯 adidas Ultraboost 跑步鞋 | 运动鞋 | 阿迪达斯 | 430
serum | 雅诗兰黛 小棕瓶 精华液 50ml | 护肤 | 雅诗兰黛 | 570
cream | 玉泽 保湿 面霜 修护 | 护肤 | 玉泽 | 390
lipstick | 花西子 口红 雕花 正红色 | 彩妆 | 花西子 | 620
shampoo | 海飞丝 去屑 洗发水 400g | 洗护 | 海飞丝 | 950
diaper | 好奇 纸尿裤 L码 女宝宝 | 母婴 | 好奇 | 880
bottle | 贝亲 奶瓶 宽口径 玻璃 | 母婴 | 贝亲 | 340
lego | 乐高 LEGO 机械组 积木玩具 | 玩具 | 乐高 | 280
tea | 西湖龙井 绿茶 明前特级 | 茶叶 | 贡牌 | 520
nuts | 三只松鼠 混合坚果 每日坚果 | 零食 | 三只松鼠 | 1700
milk | 蒙牛 特仑苏 纯牛奶 250ml×16 | 乳品 | 蒙牛 | 1600
book | 三体 全集 刘慈欣 科幻小说 | 图书 | 重庆出版社 | 1400
ball | 斯伯丁 篮球 7号 室外耐磨 | 运动健身 | 斯伯丁 | 260
mat | 瑜伽垫 加厚防滑 TPE | 运动健身 | 青禾 | 480
tent | 牧高笛 帐篷 户外露营 3-4人 | 户外 | 牧高笛 | 170
lamp | 小米 米家 台灯 护眼 | 灯具 | 小米 | 450
router | 华为 路由器 WiFi7 千兆 | 网络设备 | 华为 | 370
camera | 佳能 Canon EOS R50 微单相机 | 相机 | 佳能 | 150`;

/** What must be found, what is meant first in front, and the queries that mean it. */
const QUERY_LINES = `
ip15 ip15pm case15 : iphone15 | iphone 15 | IPHONE15 | ｉＰｈｏｎｅ 15 | iphnoe 15 | iphone-15
ip15 ip15pm : 苹果15手机 | 蘋果手機 15 | 苹果 手机 | pingguo shouji
ip15pm : iphone 15 pro max | iphone15promax | 钛金属 苹果 | 钛金属手机 | iphone pro max 256gb
k80 casek80 : k80 | K80 | redmi k80 | Redmi K80 | redmik80
k80 : k80 pro | K80Pro | 红米k80pro | redmi 骁龙 | 骁龙至尊版 | hongmi k80 pro
mi15 k80 : 小米手机 | xiaomi shouji | 小米 智能手机
mi15 : 小米15 | 徕卡 | 徠卡 手機 | 小米 徕卡 | laika
mate70 : mate70 | mate 70 | 华为mate70 | 華為 mate | 鸿蒙手机 | huawei mate
mate70 freebuds gt5 router : 华为 | 華為 | huawei | hw
s25 : 三星手机 | samsung | samsnug | galaxy s25 | galaxy | s25 ultra | 折叠屏 | sanxing
ip15 ip15pm k80 mi15 mate70 s25 : 手机 | 手機 | shouji | sj | 智能手机 | 智慧手機 | zhinengshouji | znsj
case15 casek80 : 手机壳 | 手機殼 | shoujike | sjk | 手机保护壳
case15 : iphone15手机壳 | iphone 15 壳 | 透明手机壳 | 磁吸手机壳
casek80 : k80手机壳 | 液态硅胶 | 防摔 手机壳
pb20k ankerpb : 充电宝 | 移动电源 | 充電寶 | chongdianbao | cdb | yidongdianyuan
pb20k : 充电宝 20000毫安 | 倍思充电宝 | 充电宝 快充
ankerpb : anker | 安克 | anekr | 10000mah | anke
airpods wh1000 freebuds : 耳机 | 耳機 | erji | 无线耳机
airpods wh1000 : 降噪耳机 | 降噪 无线耳机
airpods freebuds : 蓝牙耳机 | 藍牙耳機 | lanyaerji | 无线蓝牙耳机
airpods : airpods | airpod | 苹果耳机 | airpods pro | aripods
wh1000 : sony | 索尼耳机 | wh-1000xm5 | wh1000xm5 | 头戴式耳机 | 頭戴 降噪 | suoni
watch10 gt5 : 手表 | 手錶 | shoubiao | 智能手表
watch10 : apple watch | 苹果手表 | watch series 10
gt5 : 运动手表 | watch gt5 | 血氧 | 华为手表
mba thinkpad : 笔记本 | 筆記本電腦 | bijiben | 笔记本电脑 | 手提电脑
mba : macbook | macbok | macbook air | m4 | 苹果电脑
thinkpad : thinkpad | thinkpda | 联想 | lianxiang | 商务本 | x1 carbon
mouse : 鼠标 | shubiao | 无线鼠标 | logitech mx | 滑鼠 | logitec | mx master 3s
keyboard : 键盘 | 機械鍵盤 | 机械键盘 | jianpan | 茶轴
tv75 tvmi : 电视 | 電視 | dianshi | 电视机
tv75 : 75英寸电视 | 海信 | 4k电视
tvmi : 小米电视 | mini led | s65
fridge : 冰箱 | bingxiang | 对开门冰箱 | 海尔
washer : 洗衣机 | 洗衣機 | xiyiji | xyj | 滚筒 | 10公斤洗衣机
dyson : 吸尘器 | 吸塵器 | dyson | dysno | 戴森吸尘器 | xichenqi
cooker : 电饭煲 | 電飯煲 | dianfanbao | 电饭锅 | 美的电饭煲 | dfb
kettle : 电热水壶 | 热水壶 | 水壶 | 烧水壶 | 苏泊尔 1.5l
thermos : 保温杯 | 保溫杯 | baowenbei | bwb | 膳魔师 | 不锈钢保温杯
tshirt : t恤 | T恤 男 | 短袖 | 優衣庫 | 优衣库t恤 | 纯棉短袖 | youyiku
down downw : 羽绒服 | 羽絨服 | yurongfu | yrf | 波司登
down : 男羽绒服 | 羽绒服男 | 短款羽绒服
downw : 女羽绒服 | 长款羽绒服 | 羽绒服 女 修身
jeans : 牛仔裤 | 牛仔褲 | niuzaiku | levis | 李维斯
airmax ultraboost : 运动鞋 | 運動鞋 | yundongxie | 球鞋
airmax : nike | 耐克 | air max | nike air max | naike
ultraboost : adidas | addias | 阿迪达斯 | 跑步鞋 | 跑鞋 | ultraboost
serum : 小棕瓶 | 雅诗兰黛 | 雅詩蘭黛 | 精华液 | yashilandai
cream : 面霜 | 保湿面霜 | mianshuang | 玉泽
lipstick : 口红 | 口紅 | kouhong | 唇膏 | 花西子口红
shampoo : 洗发水 | 洗髮水 | xifashui | 洗发露 | 去屑
diaper : 纸尿裤 | 尿不湿 | 紙尿褲 | zhiniaoku | 好奇 l码
bottle : 奶瓶 | naiping | 玻璃奶瓶 | 贝亲
lego : 乐高 | lego | 樂高 積木 | 积木 | jimu
tea : 龙井 | 龍井茶 | 绿茶 | longjing | 西湖龙井
nuts : 坚果 | 堅果 | jianguo | 每日坚果 | 三只松鼠 | 三隻松鼠
milk : 牛奶 | niunai | 特仑苏 | 蒙牛纯牛奶
book : 三体 | 三體 | santi | 刘慈欣 | 科幻小说
ball : 篮球 | 籃球 | lanqiu | 7号篮球
mat : 瑜伽垫 | 瑜珈垫 | yujiadian | tpe
tent : 帐篷 | 帳篷 | zhangpeng | 露营
lamp : 台灯 | 檯燈 | taideng | 护眼台灯
router : 路由器 | luyouqi | wifi7 | 华为路由器
camera : 相机 | 相機 | canon | cannon | 微单 | xiangji`;

/** What shop staff would enter. */
export const KNOWN_SYNONYMS: readonly (readonly string[])[] = [
	["充电宝", "移动电源"],
	["电饭煲", "电饭锅"],
	["洗发水", "洗发露"],
	["纸尿裤", "尿不湿"],
	["口红", "唇膏"],
	["运动鞋", "球鞋"],
	["跑步鞋", "跑鞋"],
	["鼠标", "滑鼠"],
	["笔记本电脑", "手提电脑"],
	["瑜伽", "瑜珈"],
	["热水壶", "烧水壶"],
	["手机壳", "手机保护壳"],
	["redmi", "红米"],
	["智能", "智慧"],
	["电视", "电视机"]
];

export type KnownProduct = {
	readonly id: string;
	readonly name: string;
	readonly category: string;
	readonly brand: string;
	readonly sales: number;
};
const linesOf = (text: string) => text.trim().split("\n");

export const KNOWN_PRODUCTS: readonly KnownProduct[] = linesOf(PRODUCT_LINES).map(line => {
	const [id = "", name = "", category = "", brand = "", sales = ""] = line
		.split("|")
		.map(part => part.trim());
	return { id, name, category, brand, sales: Number(sales) };
});

/** Ids that must be found, the first of them in front. */
export const KNOWN_QUERIES: readonly { readonly q: string; readonly ids: readonly string[] }[] = linesOf(
	QUERY_LINES
).flatMap(line => {
	const [ids = "", queries = ""] = line.split(" : ");
	return queries.split("|").map(q => ({ q: q.trim(), ids: ids.split(" ") }));
});
