"""A sentence with its quantities → what each is a figure of, as spans of the report's own words.

The one idea: a clause reads subject, predicate, number (地区生产总值 | 预计完成 | 1740 亿元). What is left
of the number is cut back from its end (predicates, comparisons) and from its beginning (times,
places, conjunctions); what remains is the indicator. Where nothing remains, the number counts the
noun behind it (引进 86 家 | 企业), or the clause has left its subject to an earlier one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from reportqa.figures.numerals import plain
from reportqa.figures.quantities import Quantity
from reportqa.records import Span

__all__ = ["Reading", "read_indicators"]

Direction = Literal["up", "down"]

_COMPARED = (
    r"(?:同比|环比|年均|平均每年|逐年|每年|(?:比|较|与)(?:(?:上一?|去|前)年(?:同期|末|底)?|(?:上年|年初|上季度|同期|期初|"
    r"\d{4}\s*年(?:末|底|同期)?|“?十.五”?(?:时期|期间|末)?|五年前|[一二]\d*年前)|(?:全国|全省|全市|上届|当年|规划|计划|预算|目标|[^，。；、]{2,10}?)(?=增|提|高|上|低|下|减|多|少|快|降|缩|翻|扩))"
    r"(?:同期|平均水平|相比|平均)?|同口径|可比口径|按(?:可比|不变)(?:价格?|口径)(?:计算)?)"
)
_UP = r"(?:增长|增加|上升|提高|提升|上涨|净增|扩大|递增|攀升|增|升|涨|快于|高于|高出|多)"
_DOWN = r"(?:下降|减少|降低|回落|缩减|压减|压缩|收窄|缩短|精简|减|降|少|低于)"
_ADVERB = (
    r"(?:预计|预期|估计|全年|全部|可望|有望|可|将|已经|已|先后|共计|共|总计|合计|累计|约|大约|仅|只|就|均|都|各|分别|依次|又|再|还|也|"
    r"力争|确保|争取|努力|实际|超额|圆满|提前|一举|首次|连续|顺利|稳定|控制|保持|维持|稳步|快速|大幅|持续|平均|直接|历史性|进一步|全面|即将|"
    r"目标|计划|拟|要|同步|逐步|率先|成功|接近|近|且|并|而|目前|明显|显著|达到?|调整|运行|不断|较快|由|从|到|至|在|为|是|占|了|有|的|以|的目标|按)"
)
_LINK = (
    r"(?:完成了?(?:原定|年度|全年|年初|预算|调整|目标|计划|任务)+|完成|实现|达到|突破|超过|超|跃上|跨上|迈上|迈入|站上|跨越|位居|高达|多达|达|降至|降到|升至|升到|增至|增到|提高到|提高至|提升到|提升至|增加到|增加至|增长到|增长至|下降到|"
    r"下降至|减少到|减少至|扩大到|扩大至|压缩到|压缩至|压减至|缩短到|缩短至|调整为|调整到|恢复到|发展到|上升到|上升至|回升到|降低到|降低至|控制到|变为|等于|相当于|目标为|左右)"
)
_YEAR_OF = r"(?:(?:\d{4}|[一二][〇○零九八七六五四三二一0]{3})\s*年(?:末|底|初|以前|前)?的?|(?:上|去|前|今)年(?:末|底|初)?的?|年初的?)"
_TAIL = re.compile(
    rf"(?:\s|[“”\"（(：:—~]|{_COMPARED}|{_LINK}|{_UP}(?:了|幅度?|超)?|{_DOWN}(?:了)?|{_ADVERB}|{_YEAR_OF}|翻)+$"
)
_KEEP_TAIL = re.compile(r"(?:(?:拥|具|享|设|建|占|辖)有|新增|净增|扩增|精减|脱贫|机构|结构|多少)$")
_LEAD = re.compile(
    r"^(?:\s|[-—–•·●▪*“”\"、，：:;；）)]+|[①-⑳]|[（(][一二三四五六七八九十\d]+[)）]|\d+[.、．]|[一二三四五六七八九十]+(?:是|要)|"
    rf"(?:到|至|截至|截止)?(?:目前为止|目前|{_YEAR_OF}(?!级))|(?:截至|截止|到)[^，]{{0,8}}?(?:末|底|月)|"
    r"“?十[一二三四五]五”?(?:时期|期间|末)|(?:过去|近|今后|未来|这)?的?[一三五十]年(?:来|间)|\d{1,2}月(?:份|底|末)?|上半年|"
    r"是在|这是|圆满|扎实|深入|高质量|高水平|高效|高标准(?!农田|厂房|基本)|高位|拟|成为|全年|全区|全市|全县|全省|全国|全州|我区|我市|我县|我省|今年|去年|明年|年内|年底前?|年末|期末|当年|上年|每年|年均|其中|同时|此外|另外|另|并且|并|且|"
    r"和|以及|及|与|或|使|将|把|对|约|预计|预期|累计|共计|共|总共|先后|已|又|再|分别|实现|完成|确保|力争|争取|努力|保持|达到|有|为|了|全面|成功|持续|"
    r"大力|积极|稳步|不断|加快|年度|主要|即|的|各位代表|连续|提前|超额|顺利|进一步|继续|通过|要(?![求素点])|计划|拟|至少|我们|市域|全乡|本届政府|一共|也|均|都|在|由|从)"
)
_VERB = re.compile(
    r"(?:新建|改建|扩建|续建|改扩建|新改扩建|新增|净增|改造|引进|建成|建成投用|建成投产|完成|实施|推进|开展|举办|承办|培育|打造|建设|组织|落实|签约|开工|新开工|投入|"
    r"办理|办结|办好|化解|查处|受理|解决|发放|拥有|设立|新设|获得|入选|创建|认定|新认定|提升|整治|拆除|治理|清理|盘活|接待|吸引|帮助|帮扶|带动|惠及|覆盖|服务|培训|救助|"
    r"资助|安置|安排|选派|招聘|出台|制定|修订|建立|成立|组建|配备|配置|购置|更新|铺设|种植|栽植|修建|修复|维修|维护|谋划|储备|签订|达成|争创|获批|获评|荣获|"
    r"孵化|集聚|聚集|汇聚|竣工|投产|投用|启用|启动|开通|打通|新辟|新开|优化|取消|下放|承接|精简|压减|整改|关停|淘汰|取缔|破获|抓获|排查|处置|检查|发现|发布|"
    r"推出|梳理|归集|征集|收集|回复|答复|采纳|登记|注册|新登记|转化|申报|申请|授权|制订|编制|梳理|引入|新引进|招引|落户|落地|对接|走访|慰问|供应|筹集|筹建|交付|分配|"
    r"发展|新发展|评选|选树|表彰|培养|引育|选聘|招录|输送|转移|减免|降低|减轻|退还|清退|追回|兑现|兑付|拨付|争取|筹措|募集|融资|投放|支持|扶持|奖励|新培育|净增加|"
    r"建有|设置|增设|增加|增加了|扩大|拓宽|收储|收购|销售|生产|出口|运营|开行|执行|起草|审议|召开|参与|配合|派出|派驻|下派|创造|提供|开发|挖掘|整理|收回|流转|整合|"
    r"新获批|新获评|新签约|新落户|新投产|累计|共有|还有|下达|安装|加装|升级|疏浚|清淤|绿化|硬化|亮化|治理|搬迁|征收|签署|挂牌|命名|减少|保障|惠民|布局|规划|谋求|"
    r"实有|辖有|辖|发行|挽回|避免|涉及|辐射|收治|诊疗|接种|检测|免费|投资|总投资|贷款|回收|利用|消除|修缮|新植|新栽|补植|复垦|开垦|平整|梳|涌现|诞生|评为|评定|创成|上报|争得|"
    r"处理|纠正|立案|移送|曝光|举行|审结|调解|调处|吸纳|救治|服务了|促成|撬动|拉动|分流|复绿|新投放|开放|调整|置换|轮换|优选|遴选|选取|试点|入驻|入库|晋升|"
    r"(?<![一-龥])有|共|出|到|了|于|至|超|过|新|改|建|增|设|办|修|造|给|用|向|为|对)$"
)
_NOUN_ENDS = re.compile(
    r"(?:就业|总投资|固定资产投资|到位|总收入|人口|贷款|存款|(?:民间|工业|技改|房地产|项目|基础设施|外|计划|年度|财政|资金|建设|社会|改)投资|投入|(?:财政|产品|进)?出口|进口|"
    r"支出|收入|销售|生产总值|融资|(?:专利)?授权|服务业|(?:安全|文明)生产|储备|增发|(?:居民|社会)消费|(?:对外)?贸易|运营里程|覆盖|人才引进|直接融资|(?:水|电)供应)$"
)
_GENERIC = re.compile(
    r"^(?:增速|增幅|降幅|涨幅|增长率|总数|总量|总额|总规模|总值|占比|比重|比例|规模|面积|数量|产值|总产值|覆盖率|完成率|达标率|增加值|总面积|总投资|投资|投资额|投资总额|人数|户数|新增|净增|"
    r"增量|年产值|产量|税收|纳税|余额|存量|其中|人均|总人数|占.{0,14}|以上的?|同比|较|比)$"
)
_NOUN_AFTER = re.compile(
    r"\s?(?:以上|左右)?的?((?:[一-龥]|[“”A-Za-z]|(?<=[一-龥])\d(?=[一-龥A]))+)"
)
_AFTER_END = re.compile(
    r"实现|完成|开工|竣工|投产|落地|落户|签约|建成|获得|获批|获评|获|入选|入围|入库|入驻|达到|达|开展|纳入|进入|通过|投入|启动|顺利|全部|全面|加快|正在|得到|受益|享受|脱贫|"
    r"摘帽|挂牌|被|均|已|进展|列入|免征|[一-龥]{2}了|增加|提高|提升|减少|降低|上升|进行|全线|排(?!放|污|水|查|涝|名)|调整|分别|位居|成为|荣获|以上|左右|有序|如期|即将|相继|集中|成功|稳步|扎实|参加|参与|在(?!建|线|校|职|岗|册)|为|超|突破|增长|较|比|同比|创|用于|来自|属于|走|提前|"
    r"纵深|创历史|由|和(?=$)|等$|以来|之间|提升|投运|通车|投用|启用|推进|有效|圆满|基本|持续|稳定|取得|加速|成交|交付|清零|下降|出台|(?<!公)共(?!同|享|建)|供给|配套(?!设施)"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a clause says of a quantity."""

    spans: tuple[Span, ...]
    change: bool
    direction: Direction | None
    against: str


@dataclass(slots=True)
class _Clause:
    """Quantities between two stops, and the words before, between and behind them."""

    start: int
    end: int
    quantities: list[int]


def read_indicators(
    text: str, sentences: Sequence[Span], quantities: Sequence[Quantity]
) -> list[Reading]:
    """A reading for each quantity of a passage, in order; `sentences` are offsets in `text`."""
    reader = _Reader(text, quantities)
    for sentence in sentences:
        reader.read(sentence)
    return reader.readings


_STOP = re.compile(r"[，,。；;！!？?：:\n（）()]|(?<=[一-龥])\s+(?=[一-龥]{2,}.{0,9}\d)")


class _Reader:
    """Reads clause after clause, remembering the indicators that later ones leave out."""

    def __init__(self, text: str, quantities: Sequence[Quantity]) -> None:
        self._text = text
        self._read = plain(text)
        masked = list(_ASIDE.sub(lambda m: "·" * len(m[0]), self._read))
        for quantity in quantities:
            masked[quantity.start : quantity.end] = "#" * (quantity.end - quantity.start)
        self._masked = "".join(masked)
        self._quantities = quantities
        self._next = 0
        self._recent: list[tuple[Span, ...]] = []  # of this passage, latest last
        self._sentence_start = 0
        self.readings: list[Reading] = []

    def read(self, sentence: Span) -> None:
        self._sentence_start = sentence.start
        fresh = len(self._recent)
        self._subject: tuple[Span, ...] | None = None
        for clause in self._clauses(sentence):
            if not clause.quantities:
                subject = self._plain_subject(clause)
                if subject:
                    self._subject = subject
                continue
            if self._opens_with_number(clause) and self._subject:
                self._recent.append(self._subject)
            self._read_clause(clause, fresh)
            self._subject = None

    def _opens_with_number(self, clause: _Clause) -> bool:
        first = self._quantities[clause.quantities[0]]
        return self._phrase(clause.start, first.start) is None

    def _clauses(self, sentence: Span) -> Iterator[_Clause]:
        stops = [m.end() for m in _STOP.finditer(self._masked, sentence.start, sentence.end)]
        at = sentence.start
        for stop in [*stops, sentence.end]:
            if stop <= at:
                continue
            inside = []
            while self._next < len(self._quantities) and self._quantities[self._next].start < stop:
                inside.append(self._next)
                self._next += 1
            yield _Clause(at, stop, inside)
            at = stop

    def _plain_subject(self, clause: _Clause) -> tuple[Span, ...] | None:
        """The subject of a clause without a figure: 财政收入 of 财政收入稳步增长."""
        end = clause.end
        while end > clause.start and not self._read[end - 1].isalnum():
            end -= 1
        found = _STATE.search(self._read, clause.start, end)
        if found is None:
            colon = self._read[clause.end - 1 : clause.end] in ("：", ":")
            if not colon and not _NAMES.search(self._read, clause.start, end):
                return None
            cut = end
        else:
            cut = found.start()
        phrase = self._phrase(clause.start, cut)
        return (phrase,) if phrase and phrase.end - phrase.start <= LONGEST_SUBJECT else None

    def _read_clause(self, clause: _Clause, fresh: int) -> None:
        numbers = clause.quantities
        used = clause.start
        place = 0
        predicate: tuple[bool, Direction | None, str] = (False, None, "")
        while place < len(numbers):
            first = self._quantities[numbers[place]]
            run = self._run(numbers, place, clause)
            before = Span(used, first.start)
            words = self._read[before.start : before.end]
            predicate = _predicate(words) if words.strip(" 、和及与") or not place else predicate
            subject = self._phrase(before.start, before.end)
            if used > clause.start and _JOINT_END.search(words):
                subject = None  # the words belong to the noun behind the number before
            owners = self._owners(run, subject, words, fresh, clause)
            for number, (spans, behind) in zip(run, owners, strict=True):
                change, direction, against = predicate
                quantity = self._quantities[number]
                if quantity.comparator == "multiple":
                    change, direction = True, "up"
                self.readings.append(Reading(spans, change, direction, against))
                self._recent.append(spans)
                used = max(quantity.end, behind)
            place += len(run)

    def _run(self, numbers: list[int], place: int, clause: _Clause) -> list[int]:
        """The quantities that stand in one list: 6.5%、6.7%和7%."""
        run = [numbers[place]]
        for number in numbers[place + 1 :]:
            gap = self._read[self._quantities[run[-1]].end : self._quantities[number].start]
            if not _LIST_GAP.fullmatch(gap):
                break
            run.append(number)
        return run

    def _owners(
        self,
        run: list[int],
        subject: Span | None,
        words: str,
        fresh: int,
        clause: _Clause,
    ) -> list[tuple[tuple[Span, ...], int]]:
        """For each quantity of a list the spans of its indicator, and where the noun behind ends."""
        if len(run) > 1:
            owners = self._share(subject, len(run))
            if owners is None and subject is None:
                owners = self._latest(len(run))
            if owners is not None:
                return [(spans, 0) for spans in owners]
        found: list[tuple[tuple[Span, ...], int]] = []
        for place, number in enumerate(run):
            found.append(self._owner(number, subject if not place else None, found, clause))
        return found

    def _owner(
        self,
        number: int,
        subject: Span | None,
        before: list[tuple[tuple[Span, ...], int]],
        clause: _Clause,
    ) -> tuple[tuple[Span, ...], int]:
        quantity = self._quantities[number]
        words = "" if subject is None else self._read[subject.start : subject.end]
        verbal = bool(_VERB.search(words)) and not _NOUN_ENDS.search(words)
        following = None
        if verbal or subject is None or quantity.counts or _DIMENSION.fullmatch(words):
            following = self._noun_behind(quantity)
        if following is not None and subject and not verbal and not _DIMENSION.fullmatch(words):
            if "的" in self._read[quantity.end : following.start]:
                following = None
        if following is not None:
            spans = (subject, following) if subject and verbal else (following,)
            return spans, following.end
        inherited = before[-1][0] if before else (self._recent[-1] if self._recent else ())
        if subject is None:
            return inherited, 0
        if inherited and words == "".join(self._read[s.start : s.end] for s in inherited):
            return inherited, 0
        if inherited and (_GENERIC.match(words) or (verbal and len(words) <= 3 and self._same())):
            if any(span.start <= subject.start < span.end for span in inherited):
                return (subject,), 0
            return (*inherited[:2], subject), 0
        return (subject,), 0

    def _same(self) -> bool:
        """Whether the last indicator stands in this very sentence."""
        return bool(self._recent[-1]) and self._recent[-1][0].start >= self._sentence_start

    def _latest(self, count: int) -> list[tuple[Span, ...]] | None:
        """The last `count` different indicators, in order."""
        different: list[tuple[Span, ...]] = []
        for spans in reversed(self._recent):
            if spans and spans not in different:
                different.append(spans)
            if len(different) == count:
                break
        return different[::-1] if len(different) == count else None

    def _share(self, subject: Span | None, count: int) -> list[tuple[Span, ...]] | None:
        """A、B、C → one for each of as many figures; 城镇、农村居民收入 share their end."""
        if subject is None:
            return None
        words = self._read[subject.start : subject.end]
        for splitter in (_AND_ALL, _AND_COMMA):
            edges = [0]
            for match in splitter.finditer(words):
                edges += [match.start(), match.end()]
            edges.append(len(words))
            parts = [
                self._trim(subject.start + a, subject.start + b)
                for a, b in zip(edges[::2], edges[1::2], strict=True)
            ]
            if len(parts) == count and all(parts):
                whole = [part for part in parts if part]
                return [self._with_end(part, whole[-1]) for part in whole]
        return None

    def _with_end(self, part: Span, last: Span) -> tuple[Span, ...]:
        length, longer = part.end - part.start, last.end - last.start
        if part == last:
            return (part,)
        words = self._read[part.start : part.end]
        if _PAIRED.fullmatch(words) and longer - length >= 2:
            return (part, Span(last.start + length, last.end))
        at = self._read.find(words[-2:], last.start, last.end)
        if length >= 2 and 0 <= at and at + 2 < last.end:
            return (part, Span(at + 2, last.end))
        end = _SHARED_END.search(self._read, last.start, last.end)
        if at < 0 and end and not _SHARED_END.search(words):
            return (part, Span(end.start(), last.end))
        return (part,)

    def _phrase(self, start: int, end: int) -> Span | None:
        """The noun phrase of a stretch, cut at both ends; None where nothing remains."""
        words = self._read[start:end]
        for match in _INNER_STOP.finditer(words):
            if match.end() < len(words):
                start, words = start + match.end(), self._read[start + match.end() : end]
                break
        kept = _KEEP_TAIL.search(words)
        tail = None if kept else _TAIL.search(words)
        if tail:
            words = words[: tail.start()]
            more = _MIDDLE_PREDICATE.search(words)
            if more and more.start() > 1:
                words = words[: more.start()]
        return self._trim(start, start + len(words))

    def _trim(self, start: int, end: int) -> Span | None:
        while match := _LEAD.match(self._read[start:end]):
            if _PROTECTED.match(self._read, start, end):
                break
            start += match.end()
        while end > start and self._read[end - 1] in " \n、“（(的":
            end -= 1
        if not _HAN.search(self._read, start, end):
            return None
        return self._with_quotes(start, end)

    def _with_quotes(self, start: int, end: int) -> Span:
        """The span with the quotation mark that its words have lost: 建成“四好农村路”."""
        words = self._read[start:end]
        if words.count("”") > words.count("“") and self._read[start - 1 : start] == "“":
            start -= 1
        elif words.count("“") > words.count("”") and self._read[end : end + 1] == "”":
            end += 1
        return Span(start, end)

    def _noun_behind(self, quantity: Quantity) -> Span | None:
        """The noun that a quantity counts: 企业 of 86 家企业."""
        match = _NOUN_AFTER.match(self._masked, quantity.end)
        if match is None:
            return None
        start, end = match.span(1)
        cut = _AFTER_END.search(self._read, start, end)
        if cut:
            end = cut.start()
        if _NOT_BEHIND.match(self._read, start, end):
            return None
        if _INSIDE.search(self._read, start, end):
            end -= 1
        while end > start and self._read[end - 1] == "的":
            end -= 1
        if end < len(self._masked) and self._masked[end] == "#":
            joint = re.search(r"[和及与]$", self._read[start:end])
            end = joint.start() + start if joint else end
        end = min(end, start + LONGEST_BEHIND)
        return Span(start, end) if end - start >= 1 else None


LONGEST_SUBJECT = 24
LONGEST_BEHIND = 20
"""Characters of a subject without a figure, and of a noun behind a number."""

_HAN = re.compile(r"[一-龥A-Za-z]")
_JOINT_END = re.compile(r"(?:和|及|与|、)\s*$")
_NAMES = re.compile(r"(?:[率额值量数费积款债税]|比重|比例|收入|支出|投资|能力|水平|标准|价格|余额|人口|里程|规模|强度|浓度|利润)$")
_ASIDE = re.compile(r"[（(](?:[^（()）\d\n]{1,12}|[A-Z][A-Za-z0-9.]{1,8})[）)](?=[一-龥\d])")
_NOT_BEHIND = re.compile(r"支持|用于|扶持|以")
_INSIDE = re.compile(r"(?<![初高其])中$")
_PAIRED = re.compile(
    r"城镇|农村|城市|乡村|第?[一二三]|进口|出口|国有|民营|公办|民办|国家级|[省市区县]级|中央|地方|线上|线下|[男女]性?"
)
_SHARED_END = re.compile(
    r"(?:总?产量|总?产值|增加值|销[量售]额?|零售额|投资|营业收入|收入|余额|面积|数量|总量|人数|覆盖率|普及率|参保率|利润|价格|贷款|存款|业务量|吞吐量|达标率|优良率)$"
)
_DIMENSION = re.compile(r"[长高宽深重厚]|全长|总长")
_LIST_GAP = re.compile(r"\s*(?:、|和|及|与|以及)\s*")
_AND_ALL = re.compile(r"、|以及|和|及|与")
_AND_COMMA = re.compile(r"、")
_INNER_STOP = re.compile(r"(?:推动|带动(?!就)|使得|使|促进|致使|其中|全力推进)")
_PROTECTED = re.compile(
    r"年均(?:气温|降)|全国(?:重点|文明|百强)|全市(?:重点)|主要(?:污染|农产品|粮食)|全面(?:小康|预算)|和谐|及时|与会|对外|在(?:校|建|岗|册|职|线|库|谈)|的士|为民|预期寿命|有(?:效|机|线)|约束|为期|从业|从事|全年(?:无)|都市|有色|连续|要素|再生|再贷|达标|由|已"
)
_MIDDLE_PREDICATE = re.compile(rf"(?:同比|环比|{_COMPARED})[^，]{{0,4}}$")
_STATE = re.compile(
    r"在[^，]{2,16}(?:基础上|情况下|前提下)|(?:稳步|持续|不断|稳定|快速|较快|显著|明显|大幅|进一步|平稳|总体|全面|继续|实现|保持|达到|加快|首次|再|更加|日益|逐步|有序|有效|健康|双双|均)?"
    r"(?:增长|提升|提高|改善|增强|下降|减少|攀升|优化|向好|加快|扩大|上升|突破|回升|新高|新台阶|好转|降低|发展|推进|恢复|领先|完善|见效|提速|夯实|壮大)"
)


def _predicate(words: str) -> tuple[bool, Direction | None, str]:
    """Whether the words before a number speak of a change, which way, and against what."""
    words = re.sub(r"\s", "", words)
    against = ""
    for match in re.finditer(_COMPARED, words):
        against = match[0]
    tail = words[-14:]
    if re.search(r"(?:到|至|为|达|达到|突破|占|在)$", tail):
        if not re.search(r"(?:增速|增幅|降幅|涨幅|增长率|增长(?:预期)?目标)[^，]{0,10}$", words):
            return False, None, ""
    change = re.search(
        rf"(?:{_UP}|{_DOWN})(?:了|幅度?|速|率|约|超过?|预期|目标|定|为|达到?|保持|控制|在|幅|分别|各|近|逾|\s)*$",
        tail,
    )
    noun = re.search(r"(?:增速|增幅|降幅|涨幅|增长率)", tail)
    if not change and not noun:
        return False, None, against if re.search(r"年均|每年|逐年", against) else ""
    said = (change or noun)[0]  # type: ignore[index]
    if re.match(r"(?:新增|净增加?值?)", said) or words.endswith(("新增", "扩增")):
        return False, None, ""
    down = re.match(_DOWN, said) or "降幅" in said
    return True, "down" if down else "up", against
