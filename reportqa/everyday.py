"""Everyday words of a question → the words reports use for them.

People ask about 买菜 and 堵车; reports write 农贸市场 and 交通拥堵, in other bigrams altogether.
The table holds what is commonly said otherwise; words that a question has already are not added.
They count where sentences are weighed, and there alone: added to what is searched they lost as much
as they found (benchmarks/README.md).
"""

from __future__ import annotations

import re
from functools import cache

from reportqa.lexical import simplify

__all__ = ["in_report_words"]

# everyday words : words of reports
_TABLE = """
GDP, 经济增速, 经济增长, 经济总量 : 地区生产总值
GDP增, GDP目标, GDP预期, 生产总值增, 生产总值目标, 生产总值预期, economic growth : 经济增长
社零, 买东西 : 社会消费品零售总额
固投 : 固定资产投资
规上 : 规模以上
财政收入 : 一般公共预算收入
外贸 : 进出口
工资, 薪水, 挣钱, 赚钱 : 可支配收入
打工, 找工作, 上班, 岗位 : 就业
网约车, 外卖, 骑手, 灵活就业 : 新就业形态
大学生, 毕业生 : 高校毕业生
欠薪, 讨薪, 拖欠工资 : 农民工工资
物价, 涨价 : 居民消费价格
房价, 买房, 新房 : 房地产 商品房
租房, 租金 : 保障性租赁住房
老小区, 旧小区, 老房子, 旧房子 : 老旧小区改造
装电梯, 电梯 : 加装电梯
拆迁, 拆房子 : 征收
违建 : 违法建设
卖地, 地皮, 供地 : 土地供应
停车 : 停车泊位
堵车, 拥堵 : 交通拥堵
修路, 烂路 : 道路建设
地铁 : 轨道交通
公交 : 公共交通
火车, 高铁 : 铁路
飞机 : 机场
电动车, 电动汽车, 电车 : 新能源汽车
充电 : 充电桩
上学, 读书, 入学 : 学位
幼儿园, 入园 : 学前教育
带孩子, 带娃, 托儿所, 小宝宝 : 托育
生孩子, 生娃, 二胎, 三胎 : 生育
看病, 就医, 看医生 : 医疗
报销, 医药费 : 医保
退休金, 养老金, 退休工资 : 养老保险
老人, 老年人, 爹爹, 婆婆, 老头, 老太太 : 养老
穷人, 困难家庭, 低保户, 吃低保 : 困难群众 低保
残疾 : 残疾人
退伍, 当兵 : 退役军人
买菜, 菜场, 菜市场 : 农贸市场
夜市, 摆摊, 地摊 : 夜间经济
下馆子, 餐馆, 饭店 : 餐饮
洋货, 进口货 : 进口 跨境电商
外国人, 老外 : 外籍
外企, 外国公司, 外商 : 外资
做生意, 开店, 开公司, 办公司 : 市场主体 经营主体
个体户, 小老板 : 个体工商户
私企, 民企, 老板 : 民营企业
国企 : 国有企业
大公司, 大企业 : 龙头企业
高科技, 科技公司 : 高新技术企业
借钱, 贷款 : 融资 信贷
减税, 交税, 收税 : 减税降费 税收
办证, 办手续, 办事, 跑腿 : 政务服务
花钱, 省钱, 开支, 大手大脚 : 过紧日子 支出
贪污, 腐败, 贪官 : 廉政
上访, 投诉 : 信访
小偷, 犯罪, 治安 : 社会治安
骗子, 诈骗, 骗钱 : 电信网络诈骗
黑社会, 扫黑 : 扫黑除恶
着火, 火灾 : 消防
发大水, 淹水, 洪水, 积水 : 防汛 内涝
雾霾, 空气, 蓝天 : 空气质量
臭水沟, 河水, 污水 : 水质 黑臭水体
种树, 植树 : 造林 绿化
公园 : 绿地
垃圾 : 垃圾分类
厕所 : 公厕
自来水, 喝水 : 供水
煤气, 天然气 : 燃气
暖气 : 供暖
上网, 网速, 手机信号 : 宽带 5G基站
种地, 庄稼, 收成 : 粮食
农民 : 农村居民
养猪, 猪肉 : 生猪
旅游, 游客, 景点, 游玩 : 接待游客
健身, 锻炼, 运动 : 全民健身
"""


def in_report_words(question: str) -> str:
    """The reports' words for the everyday words of a question, each once; "" where there are
    none."""
    text = simplify(question)
    found: dict[str, None] = {}
    for pattern, words in _entries():
        if pattern.search(text):
            found |= dict.fromkeys(word for word in words if word not in text)
    return " ".join(found)


@cache
def _entries() -> tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]:
    lines = [line.split(" : ") for line in _TABLE.strip().splitlines()]
    return tuple(
        (
            re.compile("|".join(map(re.escape, said.split(", "))), re.IGNORECASE),
            tuple(words.split()),
        )
        for said, words in lines
    )
