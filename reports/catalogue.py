"""The figures in the order in which reports show them, with their words for 口径说明."""

from fractions import Fraction

from reports import figures
from reports.figures import Figure, Kind

_98, _95, _80 = Fraction(98, 100), Fraction(95, 100), Fraction(80, 100)

FIGURES = [
    Figure(
        slug="response", code="K01", label="响应及时率", kind=Kind.SHARE, rows=figures.response,
        formula="时限内首次联系业主的工单数 ÷ 首联时限在本期到期的工单数。自派单起算，联系、约定或到场即止。",
        good="及时", bad="超时", target=_98,
    ),
    Figure(
        slug="dispatch", code="K03", label="派单及时率", kind=Kind.SHARE, rows=figures.dispatching,
        formula="时限内派单的工单数 ÷ 派单时限在本期到期的工单数。改派不重置首次派单时间。",
        good="及时", bad="超时", target=_98,
    ),
    Figure(
        slug="arrive", code="K04", label="上门及时率", kind=Kind.SHARE, rows=figures.arrival,
        formula="时限内到场的工单数 ÷ 到场时限在本期到期的工单数。按约定上门的级别，以首次约定的时段为时限。",
        good="及时", bad="超时", target=Fraction(1),
    ),
    Figure(
        slug="complete", code="K06", label="完成及时率", kind=Kind.SHARE, rows=figures.completion,
        formula="时限内预验收合格的工单数 ÷ 完成时限在本期到期的工单数（房修口径）。",
        good="及时", bad="超时", target=_95,
    ),
    Figure(
        slug="signed", code="K06", label="业主签字及时率", kind=Kind.SHARE, rows=figures.signing,
        formula="完成时限内业主验收签字的工单数 ÷ 完成时限在本期到期的工单数（物业口径）。",
        good="及时", bad="超时", target=_95,
    ),
    Figure(
        slug="first-fix", code="K09", label="一次维修合格率", kind=Kind.SHARE, rows=figures.first_time_fix,
        formula="首次维修即通过预验收和业主验收、回访已解决、完成后90天内没有返修单的工单数"
        " ÷ 本期首次完成的工单数。观察期未满的，按截至统计时的结果计。",
        good="一次合格", bad="返修", target=_95, floor=Fraction(85, 100),
    ),
    Figure(
        slug="follow-up", code="K12", label="回访率", kind=Kind.SHARE, rows=figures.follow_up,
        formula="时限内完成回访的工单数 ÷ 回访时限在本期到期的工单数。未按规定时间回访视为未回访。",
        good="按时", bad="未按时", target=Fraction(1),
    ),
    Figure(
        slug="satisfied", code="K13", label="维修满意度", kind=Kind.SHARE, rows=figures.satisfaction,
        formula="评价为4星及以上的工单数 ÷ 本期业主验收时给出评价的工单数。未评价的不计满意，也不计不满意。",
        good="满意", bad="不满意", target=_95, floor=_80,
    ),
    Figure(
        slug="stars", code="K13", label="平均星级", kind=Kind.MEAN, rows=figures.satisfaction,
        formula="本期评价的星数之和 ÷ 给出评价的工单数。同一工单多次评价，取本期最后一次。",
        good="满意", bad="不满意",
    ),
    Figure(
        slug="received", code="", label="新报修", kind=Kind.COUNT, rows=figures.received,
        formula="本期登记的工单数，不含返修单和剔除的工单。",
    ),
    Figure(
        slug="repeats", code="", label="返修单", kind=Kind.COUNT, rows=figures.repeats,
        formula="本期登记、标明原单的二次返修工单数；不计入新报修。",
    ),
    Figure(
        slug="left-out", code="", label="剔除", kind=Kind.COUNT, rows=figures.left_out,
        formula="本期登记，后来作废、合并或转出的工单数；不计入任何其他指标。",
    ),
    Figure(
        slug="completed", code="", label="完成", kind=Kind.COUNT, rows=figures.completed,
        formula="本期业主首次验收签字的工单数；回访整改后再次验收的不重复计。",
    ),
    Figure(
        slug="closed", code="", label="闭环", kind=Kind.COUNT, rows=figures.closed,
        formula="本期回访确认已解决并关闭的工单数。",
    ),
    Figure(
        slug="open", code="", label="未闭环", kind=Kind.COUNT, rows=figures.open_at_end,
        formula="截止时刻已登记而尚未闭环的工单数，含以前月份登记的。",
        good="超期", bad="未超期", lower_is_better=True,
    ),
    Figure(
        slug="overdue", code="K16", label="超期未完成", kind=Kind.COUNT, rows=figures.overdue,
        formula="截止时刻未闭环、完成时限已过而预验收尚未合格的工单数；挂起中的不计。",
    ),
    Figure(
        slug="overdue-share", code="K16", label="超期率", kind=Kind.SHARE, rows=figures.open_at_end,
        formula="超期未完成的工单数 ÷ 未闭环的工单数。",
        good="超期", bad="未超期", target=Fraction(0), lower_is_better=True,
    ),
    Figure(
        slug="unreached", code="", label="回访失败", kind=Kind.COUNT, rows=figures.unreached,
        formula="同一轮回访满三次未接通、最近一次在本期的工单数，单列。",
    ),
]  # fmt: skip
BY_SLUG = {figure.slug: figure for figure in FIGURES}
SHARES = [figure for figure in FIGURES if figure.kind is Kind.SHARE]
COUNTS = [figure for figure in FIGURES if figure.kind is Kind.COUNT]

RULES = [
    ("统计范围", "维修类工单；咨询、建议、投诉等另行统计。"),
    ("统计期", "自然月，北京时间每月1日零时至次月1日零时；当月未完的，截至统计时刻。"),
    ("到期口径", "时限在本期到期的计入分母，无论何时登记；截止时刻尚未到期的不计。"),
    ("剔除", "作废（含业主取消）、合并、转出的工单，分子分母均不计。"),
    ("时限", "以首次承诺为准，改约不重置；经批准的挂起时间已顺延到时限内，挂起中的不算到期。"),
    ("一单一计", "每张工单在每项指标中只计一次；本期有多轮时限的，全部及时才算及时。"),
    ("汇总", "合计＝各项目分子之和÷分母之和，不取平均的平均。"),
    ("无数据", "分母为零时不计算比率，显示“无数据”，不是0%。"),
    ("电话", "明细中的联系电话已隐去中间四位。"),
]
