import { buildPicturePath, buildSeed } from "../../services/demo-pictures/picture.domain";
import type { Kind } from "../../services/demo-pictures/picture-shapes.domain";

export type DemoCategory = {
	readonly key: string;
	readonly name: string;
	readonly parentKey: string | null;
	readonly level: 1 | 2 | 3;
	readonly sort: number;
	readonly icon: string;
};
export type DemoBrand = {
	readonly key: string;
	readonly name: string;
	readonly firstLetter: string;
	readonly logo: string;
	readonly description: string;
};
export type DemoTag = { readonly key: string; readonly name: string; readonly color: string };

type Branch = { readonly [nameAndKey: string]: Branch | Kind };

/** Categories as `name:key`; a leaf has the kind of drawing for its products. */
const TREE: Branch = {
	"手机数码:digital": {
		"手机与配件:mobile": { "智能手机:phone": "phone", "手机壳:case": "case" },
		"智能影音:wearable": { "无线耳机:earphone": "earphone", "智能手表:watch": "watch" },
		"电脑办公:computer": { "笔记本电脑:laptop": "laptop" }
	},
	"家用电器:appliance": {
		"厨房电器:kitchen": { "电水壶:kettle": "kettle", "电饭煲:cooker": "cooker" },
		"灯具照明:lighting": { "台灯:lamp": "lamp" }
	},
	"食品茶饮:food": {
		"茗茶:tea-all": { "茶叶:tea": "tea" },
		"休闲食品:leisure": { "坚果零食:snack": "snack" }
	},
	"服饰鞋包:fashion": {
		"服装:clothes": { "T恤:shirt": "shirt" },
		"鞋靴箱包:shoes-bags": { "运动鞋:shoe": "shoe", "双肩包:bag": "bag" }
	},
	"美妆母婴:care": {
		"美妆护肤:beauty": { "面霜:cream": "cream", "口红:lipstick": "lipstick" },
		"母婴用品:baby": { "奶瓶:nursing": "nursing", "毛绒玩具:toy": "toy" }
	},
	"图书运动家居:life": {
		"图书:books": { "文学小说:book": "book" },
		"运动健身:sports": { "篮球:ball": "ball", "瑜伽垫:mat": "mat" },
		"杯壶:drinkware": { "保温杯:cup": "cup" }
	}
};

export const CATEGORIES: readonly DemoCategory[] = flattenTree(TREE, null, 1);

function flattenTree(branch: Branch, parentKey: string | null, level: 1 | 2 | 3): DemoCategory[] {
	return Object.entries(branch).flatMap(([nameAndKey, below], index) => {
		const [name = "", key = ""] = nameAndKey.split(":");
		const under =
			typeof below === "string" || level === 3 ? [] : flattenTree(below, key, level === 1 ? 2 : 3);
		const icon = buildPicturePath({
			seed: buildSeed(findDrawing(below), (index * 47) % 360),
			label: name
		});
		return [{ key, name, parentKey, level, sort: (index + 1) * 10, icon }, ...under];
	});
}

/** The drawing of the last leaf below. */
function findDrawing(below: Branch | Kind): Kind {
	if (typeof below === "string") return below;
	const last = Object.values(below).at(-1);
	if (last === undefined) throw new Error("A branch of the demo categories has no leaf");
	return findDrawing(last);
}

/** Invented brands, one a line: key, name, first letter, description. */
const BRAND_LINES = `
xinglan 星岚 X 从一块屏幕开始，认真做好每一件数码产品
chengyu 澄屿 C 让科技像海岛的风一样轻
jichuan 霁川 J 专注声音与佩戴的年轻团队
moheng 墨衡 M 为长时间工作的人设计电脑
beichen 北辰里 B 把仪表的精度戴在手腕上
nuanchao 暖巢 N 小家电里的温度感
tangmu 棠木 T 厨房里的日常之美
weiguang 微光集 W 只做一盏好灯
mingyin 茗隐 M 高山茶园，自采自制
yunlu 云麓茶事 Y 一年四季，一壶好茶
guoxiaoli 果小栗 G 新鲜原料，当季烘焙
tianye 田野食堂 T 把田野的味道装进袋子
muye 沐野 M 天然面料的基本款
subai 素白间 S 简单、耐穿、不出错
benlan 奔岚 B 为跑步的人做鞋
guiyan 归雁行囊 G 陪你走远路的包
feiyu 绯屿 F 温和有效的东方护肤
jise 霁色 J 取色于山川的彩妆
zhiyu 稚语 Z 听得懂宝宝的母婴品牌
douya 豆芽星球 D 柔软的童年玩伴
zhiyuan 纸鸢书局 Z 好故事值得好好印刷
yanbian 砚边 Y 写给夜读的人
zhulang 逐浪 Z 球场边的第一选择
qinghe 青禾记 Q 呼吸、伸展与自然材料
shiyue 拾月 S 一杯一壶，皆是日常`;

export const BRANDS: readonly DemoBrand[] = BRAND_LINES.trim()
	.split("\n")
	.map((line, index) => {
		const [key = "", name = "", firstLetter = "", description = ""] = line.split(" ");
		const logo = buildPicturePath({ seed: buildSeed("logo", (index * 47) % 360), label: name });
		return { key, name, firstLetter, logo, description };
	});

export const TAGS: readonly DemoTag[] = [
	{ key: "new", name: "新品", color: "#2f9e6e" },
	{ key: "hot", name: "热卖", color: "#e0483b" },
	{ key: "pick", name: "店长推荐", color: "#c9861a" },
	{ key: "gift", name: "送礼优选", color: "#b5447f" },
	{ key: "student", name: "学生优选", color: "#3a76c4" },
	{ key: "limited", name: "限量", color: "#6b4bb0" },
	{ key: "value", name: "超值", color: "#d2691e" },
	{ key: "eco", name: "环保材质", color: "#4b8b3b" }
];
