"""What was wrong and what was done, by kind of fault, and where a public fault can be: for the demo."""

from collections.abc import Sequence

from estates.models import PublicPlace

# By the beginning of the fault's code: cause and method, as a worker writes them on the plan card. The
# longest that fits counts.
MENDS = {
    "WP": ("防水层老化开裂，雨水或用水从裂缝渗入", "凿除松动层，清理基层后补做防水，闭水24小时无渗漏"),
    "ST": ("墙体与结构交接处收缩开裂", "沿缝开槽，挂网后用修补砂浆分层补平"),
    "PL": ("基层处理不到位，饰面与基层脱开", "铲除空鼓起皮部位，重做基层后补涂"),
    "FL": ("结合层不密实，受热后空鼓", "切除空鼓部位，重做结合层后铺贴、填缝"),
    "DW": ("五金件磨损，安装位置偏移", "更换五金件，调整间隙后试开合二十次"),
    "WS": ("接口密封件老化", "更换密封件并做通水试验"),
    "SA07": ("电机轴承磨损，接线端子松动", "更换模块，紧固端子后试运行"),
    "SA": ("配件磨损，密封圈失去弹性", "更换配件和密封圈，通水试用正常"),
    "EL": ("接线端子松动，绝缘层老化", "断电后重做接线端子，测绝缘电阻合格后送电"),
    "LV": ("模块受潮，线路接触不良", "更换模块，重做水晶头并测试信号"),
    "KT": ("铰链和封边条老化变形", "更换铰链和封边条，调平后试用"),
    "KT02": ("拼缝胶老化，台面受力开裂", "清缝后补云石胶，打磨抛光"),
    "KT03": ("下水器密封圈老化", "更换下水器和密封圈，满水试验无渗漏"),
    "KT04": ("点火针积碳，电池电量不足", "清洁点火针，更换电池后试火正常"),
    "KT05": ("止逆阀卡滞，烟道接口漏风", "更换止逆阀，接口用耐候胶密封"),
    "KT06": ("点火器损坏，电磁阀不动作", "更换点火器和电磁阀，出水温度正常"),
    "HV": ("分集水器阀芯卡滞，管内有空气", "更换阀芯，排气后打压试验三十分钟不降压"),
    "GA": ("表具接头密封不严", "燃气公司更换接头，检漏仪检测合格"),
    "LI": ("门机皮带松弛，平层感应器偏移", "调整皮带张力，校正感应器后空载试运行"),
    "FF": ("探测器积尘误报，阀门密封不严", "清洗探测器，更换阀门密封件后联动测试"),
    "PB": ("长期使用磨损，固定件松脱", "更换破损件，重新固定并设临时围挡"),
}
USUAL = ("长期使用磨损", "更换损坏件并试用")
# Where a public fault can be, by the beginning of its code; the first that fits counts.
LIFT, OUTDOORS, HALL, STAIRS, GARAGE = "电梯", "大门", "大堂", "楼道", "车库"
WHERE = {
    "LI": (LIFT,),
    **dict.fromkeys(("PB05", "PB06", "WS11", "LV05", "WP03", "ST05", "PB01", "FL04"), (OUTDOORS,)),
    # Rain through the roof is seen on the topmost landing.
    **dict.fromkeys(("WP01", "WP02", "PB02"), (STAIRS,)),
    **dict.fromkeys(("WP10", "WP11", "PB04", "WS12"), (GARAGE,)),
    "LV02": (HALL,),
    "PB03": (HALL, STAIRS),
}
INSIDE = (HALL, STAIRS, GARAGE)


def cause_and_method(code: str) -> tuple[str, str]:
    """The words for a fault of this code."""
    return MENDS.get(code) or MENDS.get(code[:2], USUAL)


def fitting(places: Sequence[PublicPlace], code: str) -> list[PublicPlace]:
    """Those of the places where such a fault can be; all of them when none fits."""
    words = next((where for begins, where in WHERE.items() if code.startswith(begins)), INSIDE)
    return [place for place in places if any(word in place.name for word in words)] or list(places)
