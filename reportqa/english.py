"""An English question → the Chinese words of government reports for what it speaks of.

The vectors understand English; BM25 and the words of sentences do not. This glossary of the field,
general and short, gives those two something to match. It answers nothing by itself and leaves a
question that has Chinese alone.
"""

from __future__ import annotations

import re
from functools import cache

__all__ = ["in_chinese"]

# English terms, comma-separated : the Chinese a report would use. Longer terms win over shorter.
_GLOSSARY = """
gdp, gross domestic product : 地区生产总值 国内生产总值
economic growth, growth rate, grow, growth, growing, grew, increase : 增长
economy, economic : 经济
per capita : 人均
disposable income : 可支配收入
income, earning : 收入
fiscal revenue, government revenue : 财政收入
budget revenue, general public budget revenue, public budget : 一般公共预算收入
fiscal, finance, public finance : 财政
fiscal expenditure, government spending, public spending : 财政支出
expenditure, spending : 支出
budget : 预算
fiscal deficit, budget deficit, deficit : 赤字
deficit ratio, deficit-to-gdp ratio : 赤字率
government debt, debt : 债务
bond, government bond : 债券
special bond : 专项债券
special treasury bond, ultra-long special treasury bond : 特别国债
tax, tax revenue, taxation : 税收
tax cut, tax reduction, fee reduction : 减税降费
tax refund : 退税
agricultural tax : 农业税
retail sales, total retail sales, retail sales of consumer goods : 社会消费品零售总额
consumption, consumer spending : 消费
consumer price, cpi, inflation, price : 价格
fixed asset investment, fixed-asset investment, investment in fixed asset : 固定资产投资
investment, invest : 投资
foreign investment, foreign capital, fdi : 外资
domestic capital : 内资
import and export, foreign trade, trade : 进出口
export : 出口
import : 进口
industrial output, industrial value added, value added of industry : 工业增加值
value added, added value : 增加值
industry, industrial : 产业 工业
manufacturing, manufacturer : 制造业
service sector, services sector, service industry, services industry, tertiary industry : 服务业
construction industry : 建筑业
finance industry, financial sector, financial industry, financial : 金融
insurance : 保险
bank : 银行
loan, lend, lent, credit : 贷款
mortgage : 房贷
interest rate : 利率
interest : 利息
market entity, business entity, market player : 市场主体 经营主体
business environment : 营商环境
company, enterprise, firm, business : 企业
small and micro business, small and micro enterprise, small business : 小微企业
state-owned enterprise, soe : 国有企业 国企
private enterprise, private economy, private sector : 民营经济
high-tech enterprise, high and new technology enterprise, hi-tech enterprise : 高新技术企业
listed company : 上市公司
unicorn : 独角兽
headquarters : 总部
asset : 资产
tourist, visitor, tourism : 游客 旅游
scenic spot, tourist attraction : 景区
hotel : 酒店
exhibition, convention, trade fair : 会展
shopping district, commercial district, business district : 商圈
duty-free, duty free : 免税
supermarket : 超市
shop, store : 店
restaurant, catering : 餐饮
e-commerce : 电商
cross-border : 跨境
job, employment, employed : 就业
new job, job created, job creation : 新增就业
unemployment, unemployed, jobless : 失业
unemployment rate, registered unemployment : 失业率
surveyed unemployment : 调查失业率
worker, labour, labor : 职工 劳动
migrant worker : 农民工
wage, salary, pay, paid : 工资
recruitment, job fair, recruit : 招聘
vocational training, skill training, skills training : 技能培训
graduate, college graduate, university graduate : 毕业生
start-up, startup, entrepreneurship : 创业
retirement, retire : 退休
pension : 养老金
veteran, ex-serviceman : 退役军人
talent : 人才
population : 人口
permanent resident, permanent population : 常住人口
household : 户
resident : 居民
urban : 城镇
urbanisation rate, urbanization rate, urbanisation, urbanization : 城镇化率
rural, countryside : 农村
rural revitalisation, rural revitalization : 乡村振兴
poverty, poverty alleviation, poor : 贫困 脱贫
village : 村
life expectancy : 预期寿命
birth : 生育
elderly care, care for the elderly, aged care, nursing home, old-age care : 养老
elderly, old people, senior, older people, senior citizen : 老年人
child, children : 儿童
childcare, child care, nursery : 托育
kindergarten, preschool : 幼儿园
school : 学校
primary school : 小学
middle school, secondary school : 中学
school place, student place : 学位
university, college : 大学 高校
student : 学生
teacher : 教师
education : 教育
compulsory education : 义务教育
disabled, disability : 残疾人
women : 妇女
social security : 社会保障
social insurance : 社会保险
medical insurance, health insurance : 医保
subsistence allowance, minimum living allowance : 低保
subsidy : 补贴 补助
hospital : 医院
medical, healthcare, health care : 医疗
medical consortium : 医联体
health : 健康
health centre, health center, community health centre, clinic : 卫生服务中心
doctor, physician, nurse, medical worker : 医护
emergency, first aid : 急救 应急
disease control : 疾控
epidemic, pandemic, covid : 疫情
housing, house, home : 住房
affordable housing, low-income housing, subsidised housing : 保障性住房 保障性安居工程
rental housing : 租赁住房
property certificate, title deed, ownership certificate : 不动产 办证
real estate, property market : 房地产
old residential, old neighbourhood, old neighborhood, old residential community : 老旧小区
shanty town, shantytown, dilapidated house : 棚户区 危房
expropriate, expropriation : 征收
renovate, renovation, refurbish, rebuilt, rebuild, redevelop : 改造
urban renewal, regeneration : 城市更新
elevator, lift : 电梯
public toilet, toilet : 公厕
community : 社区
street : 街道
land : 土地
land supply, land supplied, supply of land : 供地 土地供应
road : 道路
road network : 路网
micro-circulation road, microcirculation road : 微循环道路
highway : 公路
expressway, motorway : 高速公路
railway, railroad : 铁路
high-speed rail, high-speed railway : 高铁
metro, subway : 地铁 轨道交通
bridge : 桥
tunnel, passage : 隧道 通道
airport, civil aviation : 机场
port : 港口
bus : 公交
transport, transportation, traffic : 交通
parking, parking space, parking lot, car park : 停车 泊位 停车场
charging pile, charging station, charging point, charger : 充电桩
vehicle, car, automobile, automotive : 汽车
new energy vehicle, electric vehicle, electric car : 新能源汽车
bike, bicycle, shared bike : 单车
manhole cover, manhole : 井盖
lamp, street light, streetlight : 路灯
pipe, pipeline, pipe network : 管网
gas : 燃气
drinking water, tap water, water supply : 供水
water conservancy, reservoir : 水利 水库
flood : 防汛 洪
sewage, wastewater : 污水
garbage, waste, rubbish, trash : 垃圾
waste sorting, garbage sorting, rubbish sorting : 垃圾分类
environment, environmental : 环境 生态
air quality, good air : 空气质量 优良天数
air : 空气
pm2.5, smog, haze : PM2.5
pollution : 污染
carbon : 碳
emission : 排放
energy consumption, energy intensity : 能耗
energy : 能源
electricity, power : 电力 用电
coal : 煤
oil, petroleum : 石油
steel : 钢
lithium carbonate : 碳酸锂
forest, afforestation : 森林 造林
tree : 树
green space : 绿地
park : 公园
river, lake : 河 湖
grain, grain output, food grain : 粮食 粮食产量
harvest : 丰收
farm, farming, agriculture, agricultural : 农业
farmer, peasant : 农民
farmland, arable land : 耕地 农田
market, farmers market : 市场 农贸市场
innovation, innovative : 创新
science, scientific, technology, technological : 科技
research, r&d, research and development : 研发
patent : 专利
laboratory : 实验室
incubator, incubation, maker space : 孵化
technology contract, technology transaction : 技术合同
digital : 数字
digital economy : 数字经济
digital currency, digital yuan, e-cny, digital rmb : 数字人民币
artificial intelligence, ai : 人工智能
robot : 机器人
humanoid robot, humanoid : 人形机器人
chip, semiconductor, integrated circuit : 芯片 集成电路
computing, computing centre, computing center : 算力 智算
metaverse : 元宇宙
big data, data : 数据
internet : 互联网
satellite : 卫星
low-altitude : 低空
platform : 平台
industrial base, production base, training base, demonstration base : 基地
centre, center : 中心
station : 站
park area, industrial park, zone : 园区
free trade, free trade port, free trade zone : 自贸 自由贸易港
culture, cultural : 文化
heritage, relic, historic site, heritage site : 文物 旧址
revolutionary : 革命
museum : 博物馆
library : 图书馆
sport, fitness : 体育
football, soccer : 足球
pitch, court, playing field : 球场
club : 俱乐部
fashion : 时尚
fashion week : 时装周
festival : 节
game, games : 运动会
film : 电影
fire station, firefighting, fire fighting, fire : 消防
police : 公安 警
crime, theft, robbery, burglary, criminal : 案 刑事 盗窃
accident : 事故
safety, safe : 安全
petition : 信访
lawsuit, court case, legal : 法
corruption : 腐败
official, cadre : 干部
people's congress : 人民代表大会
deputy : 代表
proposal : 提案
governor : 省长
mayor : 市长
district head : 区长
premier : 总理
government work report, work report : 政府工作报告
government : 政府
reform : 改革
opening up, openness : 开放
law, legislation, regulation : 法规 条例
target, goal, objective : 目标
growth target, economic growth target : 地区生产总值 经济增长 目标
plan, planned : 计划
expected, expect, forecast : 预期 预计
complete, completed, finish : 完成 建成
build, built, construct, construction : 建设 新建
add, added, new, newly : 新增
create, created, set up, establish : 新增 组建
open, opened, put into use, put into operation : 投用 开通
reduce, fall, fell, drop, decline, decrease, cut : 下降 减少
achieve, reach : 达到
project : 项目
major project, key project : 重点项目 重大项目
strategy : 战略
action : 行动
campaign : 行动 整治
difficulty, problem, shortcoming, challenge, weakness : 问题 困难 不足
award, title, honour, honor : 称号 荣获
pilot, trial : 试点
demonstration : 示范
first : 首
national : 全国
world-class, world : 世界
international : 国际
cooperation, agreement, partner : 合作 协议
hongkong, hong kong : 香港
macao, macau : 澳门
taiwan, cross-strait, strait : 台湾 海峡两岸
greater bay area : 大湾区
belt and road : 一带一路
five-year plan : 五年规划
urban rail, urban rail transit, rail transit, light rail, rail line : 轨道交通
office building, office buildings, office block, office tower : 写字楼 楼宇
pedestrian street : 步行街
gig worker, ride-hailing, flexible employment, flexible worker : 灵活就业
urban job, new urban job, urban employment, new urban employment : 城镇新增就业
green factory : 绿色工厂
greenway : 绿道
medal, gold medal : 奖牌 金牌
exchange rate : 汇率
rent : 租金
visa : 签证
driving licence, driving license, driver's license : 驾驶证
rice : 水稻 大米
wheat : 小麦
corn, maize : 玉米
soybean : 大豆
cotton : 棉花
vegetable : 蔬菜
fruit : 水果
tea : 茶叶
pig, hog, pork : 生猪
livestock, animal husbandry : 畜牧
fishery, aquatic product, seafood : 渔业 水产
yield, per-unit yield, yield per unit : 单产
high-standard farmland : 高标准农田
irrigation, irrigated : 灌溉
seed industry : 种业
wind power, wind farm : 风电
solar power, photovoltaic, solar : 光伏
hydropower : 水电
nuclear power : 核电
installed capacity : 装机
pumped storage : 抽水蓄能
energy storage : 储能
hydrogen : 氢能
battery : 电池
natural gas : 天然气
mineral, mining, mine : 矿产 采矿
petrochemical : 石化
chemical, chemicals : 化工
textile : 纺织
cement : 水泥
fertiliser, fertilizer : 化肥
machinery, equipment : 装备 机械
aerospace, aviation : 航空航天
shipbuilding, ship : 船舶
medicine, pharmaceutical, drug, biomedicine : 医药
traditional chinese medicine : 中医药
bed, hospital bed : 床位
freight, cargo : 货运 货物
throughput : 吞吐量
container : 集装箱
flight, air route : 航班 航线
freight train, china-europe freight train : 中欧班列
express delivery, parcel : 快递
logistics : 物流
base station : 基站
drone : 无人机
volunteer : 志愿者
ethnic, ethnic minority : 民族
border : 边境
desertification, desert, sandy land : 荒漠化 沙化
grassland : 草原
wetland : 湿地
water quality : 水质
soil erosion, water and soil loss : 水土流失
forest coverage, forest cover : 森林覆盖率
national park : 国家公园
rural road : 农村公路
homestay : 民宿
night economy, night-time economy : 夜间经济
trade-in : 以旧换新
ice and snow, winter sport : 冰雪
customs : 海关
bonded : 保税
little giant, specialised and sophisticated : 专精特新 小巨人
key laboratory : 重点实验室
public service : 公共服务
dispute : 矛盾纠纷
hotline : 热线
administrative approval, approval : 审批
national defence, national defense, army, military : 国防 军队
money supply : 货币供应量
foreign exchange reserve : 外汇储备
securities, stock market : 证券
private investment : 民间投资
investment promotion, attracted investment : 招商引资
family planning : 计划生育
smart city : 智慧城市
food safety : 食品安全
work safety, workplace safety : 安全生产
heating : 供暖 供热
toilet renovation, rural toilet : 户厕 改厕
livelihood, wellbeing, well-being : 民生
moderately prosperous, well-off : 小康
modernisation, modernization : 现代化
high-quality development : 高质量发展
productive force : 生产力
supply-side : 供给侧
domestic demand : 内需
common prosperity : 共同富裕
cut red tape, red tape, streamline administration : 简政放权 放管服
administrative licence, administrative license, permit : 行政许可
carbon peak, peak carbon : 碳达峰
carbon neutral, carbon neutrality : 碳中和
sponge city : 海绵城市
monetary policy : 货币政策
fiscal policy : 财政政策
broad money, m2 : 广义货币 M2
reserve requirement : 存款准备金
deposit : 存款
bad loan, non-performing loan : 不良贷款
transfer payment : 转移支付
local government debt : 地方政府债务
go public, went public, going public, stock listing, ipo : 上市
small and medium enterprise, sme : 中小企业
energy use, use of energy, energy used : 能耗
output value : 产值
output, production : 产量
profit : 利润
brand : 品牌
sales revenue, operating revenue, business revenue : 营业收入
industrial cluster, cluster : 产业集群
industrial chain, supply chain : 产业链 供应链
digital transformation : 数字化转型
software : 软件
electronics, electronic : 电子
new material : 新材料
rare earth : 稀土
aluminium, aluminum : 铝
copper : 铜
salt lake : 盐湖
vaccine : 疫苗
ginseng : 人参
cattle, beef : 肉牛
sheep, lamb : 羊
dairy, milk : 奶
poultry, chicken : 家禽
sugar cane, sugarcane, sugar : 糖料蔗
rubber : 橡胶
flower : 花卉
herb, herbal medicine : 中药材
crop : 农作物
sown area, area sown : 播种面积
farm machinery, mechanisation, mechanization : 农业机械化
cooperative, co-operative : 合作社
family farm : 家庭农场
land transfer : 土地流转
collective economy : 集体经济
homestead : 宅基地
straw : 秸秆
manure : 粪污
pesticide : 农药
granary, grain storage, grain depot : 仓容 粮食仓储
grain reserve : 粮食储备
food security : 粮食安全
soil : 土壤
dust : 扬尘
fine particle, fine dust, particulate, fine particulate : PM 颗粒物
ozone : 臭氧
sulphur dioxide, sulfur dioxide : 二氧化硫
chemical oxygen demand : 化学需氧量
recycle : 循环 回收
zero-waste city, waste-free city : 无废城市
incinerate, incineration : 焚烧
biodiversity : 生物多样性
wildlife, wild animal : 野生动物
fishing ban : 禁捕 退捕
river chief : 河长
clean energy : 清洁能源
renewable, renewable energy : 可再生能源
coal-fired power, coal power : 煤电
power grid, electricity grid, grid : 电网
power transmission, ultra-high voltage, uhv : 特高压 输电
substation : 变电站
shale gas : 页岩气
coalbed methane, coal-bed methane : 煤层气
power generation, electricity generation : 发电量
family doctor : 家庭医生
maternal, pregnant : 孕产妇
screening, screened : 筛查
cancer : 癌
dialysis : 透析
bulk buying of medicine, centralised procurement, centralized procurement : 集中带量采购
nursing, nursing care : 护理
barrier-free, accessible : 无障碍
canteen, meal service : 食堂 助餐
funeral, burial : 殡葬
orphan : 孤儿
left-behind children : 留守儿童
minimum wage : 最低工资
unpaid wage, wage arrears : 欠薪 农民工工资
ageing, aging : 老龄
household registration, hukou : 户籍 落户
urbanisation, urbanization : 城镇化
off-farm, non-farm, rural labour, rural labor, rural worker : 农村劳动力转移就业
relocate, relocation, resettle, resettlement : 搬迁 安置
compensation : 补偿
property management : 物业
unfinished home, presold home, unfinished housing : 保交房 保交楼
urban village : 城中村
public rental housing : 公租房
living space, floor space : 面积
underground pipe : 地下管网
trunk road, main road : 主干道
ring road : 环路 环线
overpass, flyover : 立交
waterway : 航道
canal : 运河
berth : 泊位
dead-end road : 断头路
passenger : 旅客
mileage, network : 里程
ship lock : 船闸
rule of law : 法治
law enforcement : 执法
supervise, supervision : 监督
audit : 审计
government affairs, open government : 政务公开
online government service, one-stop service, government service : 政务服务 一网通办
complaint : 投诉 信访
mediate, mediation : 调解
gang, organised crime, organized crime : 扫黑除恶 恶势力
telecom fraud, fraud, scam : 诈骗
workplace accident, production accident, work accident : 生产安全事故
earthquake : 地震
landslide, geological disaster, mudslide : 地质灾害
typhoon : 台风
drought : 旱
disaster, disaster relief : 灾害 救灾
rescue : 救援 抢救
formalism, bureaucratism : 形式主义 官僚主义
motion, suggestion : 建议 提案
intangible heritage, intangible cultural heritage : 非物质文化遗产
opera, drama, theatre, theater : 戏剧 演出
reading : 阅读
broadcast, television : 广播电视
marathon : 马拉松
stadium, gym, gymnasium : 体育馆 体育场
olympic : 奥运
asian games : 亚运会
ski, skiing : 滑雪
hot spring : 温泉
rural tourism : 乡村旅游
inbound tourist, overseas tourist, foreign tourist : 入境游客
tourism revenue, tourism income : 旅游收入
foreign national, foreigner : 外国人
work permit : 工作许可
foreign company, foreign firm, foreign-funded, foreign-invested : 外商投资企业 外资企业
multinational, multinational company : 跨国公司
joint venture : 合资
service trade, trade in service : 服务贸易
overseas warehouse : 海外仓
outbound investment, overseas investment, invest abroad : 对外投资
sister city, friendship city : 友城
overseas chinese : 侨
foreign affair : 外事
diplomacy, diplomatic : 外交
united nations : 联合国
world trade organization, world trade organisation, wto : 世贸组织
asean : 东盟
russia, russian : 俄
ethnic unity : 民族团结
religion, religious : 宗教
militia, conscription : 民兵 征兵
mass organisation, trade union : 工会
cultural revolution : 文化大革命
people's commune, commune : 人民公社
land reform : 土地改革
household contract, contract responsibility : 承包
special economic zone : 经济特区
township enterprise, township and village enterprise : 乡镇企业
illiterate, illiteracy : 文盲
laid-off, laid off : 下岗
three gorges : 三峡
water diversion, south-to-north water diversion : 南水北调
gas pipeline : 输气管道
western region, western development : 西部大开发
northeast, old industrial base : 东北 老工业基地
yangtze river economic belt : 长江经济带
yangtze river delta, yangtze delta : 长三角
yangtze, yangtze river : 长江
yellow river : 黄河
beijing-tianjin-hebei : 京津冀
coordinated development, regional development : 协调发展
development zone : 开发区
comprehensive bonded zone : 综合保税区
think tank : 智库
basic research : 基础研究
science park : 科技园
technology-based sme, tech sme : 科技型中小企业
national laboratory : 国家实验室
space, spacecraft, spaceflight : 航天
nuclear reactor, reactor : 反应堆
doctoral, phd : 博士
vocational college : 职业学院 高职
private school : 民办学校
textbook : 教材
tuition : 学费
"""
_MOST_WORDS = 6  # of a term
_HAN = re.compile(r"[\u3400-\u9fff]")
_WORD = re.compile(r"[a-z0-9&]+(?:[.][0-9]+)?")
_DOUBLED = re.compile(r"([bdgmnprt])\1$")


def in_chinese(question: str) -> str:
    """The Chinese words for the terms of a question that has no Chinese, each once, in the order of
    the question; "" where it has some, or no term is known."""
    if _HAN.search(question):
        return ""
    words, stems = _words(question), _stems(question)
    glossary = _terms()
    found: dict[str, None] = {}
    at = 0
    while at < len(words):
        for length in range(min(_MOST_WORDS, len(words) - at), 0, -1):
            term = slice(at, at + length)
            if chinese := glossary.get(words[term]) or glossary.get(stems[term]):
                found |= dict.fromkeys(chinese.split())
                at += length
                break
        else:
            at += 1
    return " ".join(found)


@cache
def _terms() -> dict[tuple[str, ...], str]:
    lines = [line.split(" : ") for line in _GLOSSARY.strip().splitlines()]
    pairs = [(term, chinese) for terms, chinese in lines for term in terms.split(", ")]
    by_stems = {_stems(term): chinese for term, chinese in pairs}
    return by_stems | {_words(term): chinese for term, chinese in pairs}  # parking is no park


def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(text.lower().replace("'s", "")))


def _stems(text: str) -> tuple[str, ...]:
    """The words without the endings that number and tense give them."""
    return tuple(map(_stem, _words(text)))


def _stem(word: str) -> str:
    for ending, least in (("ing", 3), ("ed", 3), ("ies", 3), ("es", 3), ("s", 2), ("e", 3)):
        if word.endswith(ending) and len(word) - len(ending) >= least and word[-2:] != "ss":
            stem = word[: -len(ending)]
            return stem + "y" if ending == "ies" else _DOUBLED.sub(r"\1", stem)
    return word
