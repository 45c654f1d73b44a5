"""Chinese and Japanese names in Latin letters: words of trade as English, brands by their known names, the rest by sound.

The lists of other countries give such parties in Latin letters only. The brand names are common knowledge and were not
checked against a register; they serve to find a candidate, which a person compares.
"""

import re
from collections.abc import Mapping

from knowledge.numerals import chinese

_WORDS = """
科技 technology|技术 technology|电子 electronics|国际 international|贸易 trading
商贸 trading|进出口 import export|工业 industry|产业 industry|实业 industry|重工业 heavy industry
重工 heavy industry|研究所 institute|研究院 academy|研究中心 research center|大学 university|学院 college
航天 aerospace|航空航天 aeronautics astronautics|航空 aviation|宇航 aerospace|船舶 shipbuilding|造船 shipbuilding|电力 power|电气 electric
电気 electric|电机 electric|电器 electrical|机械 machinery|设备 equipment|装备 equipment|仪器 instruments
仪表 instruments|计量 metrology|精密 precision|精工 precision|半导体 semiconductor|集成电路 integrated circuit
微电子 microelectronics|光电 optoelectronics|光学 optical|激光 laser|通信 communications|通讯 communications|电信 telecom
信息 information|网络 network|软件 software|数据 data|计算机 computer|智能 intelligent|人工智能 artificial intelligence
机器人 robot|自动化 automation|自动控制 automatic control|控制 control|系统 systems|工程 engineering|材料 materials
新材料 new materials|化工 chemical|化学 chemical|石油 petroleum|石化 petrochemical|天然气 gas|能源 energy|核 nuclear
金属 metal|钢铁 steel|制钢 steel|稀土 rare earth|矿业 mining|物流 logistics|货运 freight|运输 transportation|海运 shipping
投资 investment|控股 holdings|发展 development|开发 development|制造 manufacturing|制作所 works
制药 pharmaceutical|医药 pharmaceutical|医疗 medical|生物 biological|基因 genomics|安全 security|防务 defense|国防 defense|兵器 ordnance
导弹 missile|卫星 satellite|火箭 rocket|发动机 engine|无人机 unmanned aerial|雷达 radar|导航 navigation|物理 physics|力学 mechanics
数学 mathematics|科学 science|理工 science technology|军事 military|海军 navy|空军 air force|陆军 army|超级计算 supercomputing
中国 china|北京 beijing|上海 shanghai|深圳 shenzhen|广州 guangzhou|天津 tianjin|重庆 chongqing|西安 xian|厦门 xiamen|长沙 changsha
长春 changchun|长江 changjiang|成都 chengdu|香港 hong kong|台湾 taiwan|澳门 macau|哈尔滨 harbin|内蒙古 inner mongolia|陕西 shaanxi
山西 shanxi|新疆 xinjiang|西藏 tibet|东方 dongfang|东莞 dongguan|沈阳 shenyang|银行 bank|长 chang|行 hang|厦 xia
日本 japan|东京 tokyo|大阪 osaka|京都 kyoto|名古屋 nagoya|横浜 yokohama|韩国 korea|俄罗斯 russia|伊朗 iran|美国 america
中央 central|国家 national|国営 national|第一 1|第二 2|第三 3|第四 4|第五 5|第六 6|第七 7|第八 8|第九 9|第十 10
"""
_BRANDS = """
华为 huawei|中兴 zte|中芯国际 semiconductor manufacturing international|中芯 smic|大疆 dji|海康威视 hikvision|大华 dahua
商汤 sensetime|旷视 megvii|科大讯飞 iflytek|依图 yitu|云从 cloudwalk|寒武纪 cambricon|长江存储 yangtze memory
长鑫存储 changxin memory|浪潮 inspur|曙光 sugon|龙芯 loongson|飞腾 phytium|海光 hygon|华大 bgi|北方华创 naura|中微 amec
上海微电子 shanghai micro electronics|紫光 unigroup|展锐 unisoc|燧原 enflame|壁仞 biren|摩尔线程 moore threads|智谱 zhipu
中国电子科技 china electronics technology|中国航空工业 aviation industry china|中国航天科技 china aerospace science technology
中国航天科工 china aerospace science industry|中国船舶 china shipbuilding|中国兵器 norinco|北方工业 norinco|中国航发 aero engine china
北京航空航天大学 beihang university|西北工业大学 northwestern polytechnical university|哈尔滨工业大学 harbin institute technology
哈尔滨工程大学 harbin engineering university|国防科技大学 national university defense technology|四川大学 sichuan university
电子科技大学 university electronic science technology china|南京理工大学 nanjing university science technology
南京航空航天大学 nanjing university aeronautics astronautics|北京理工大学 beijing institute technology|中山大学 sun yat sen university
三菱 mitsubishi|川崎 kawasaki|富士通 fujitsu|富士 fuji|日立 hitachi|东芝 toshiba|住友 sumitomo|三井 mitsui|丸红 marubeni|伊藤忠 itochu
日产 nissan|本田 honda|松下 panasonic|豊田 toyota|小松 komatsu|岛津 shimadzu|牧野 makino|森精机 mori seiki|信越 shin etsu|石川岛 ishikawajima
海思 hisilicon|中国电科 china electronics technology|中电科 china electronics technology|航天科工 casic|航天科技集团 casc|中航工业 avic|航空工业 avic
长光卫星 chang guang satellite technology|烽火通信 fiberhome|烽火科技 fiberhome|中科曙光 sugon|宇视 uniview|美亚柏科 meiya pico|云天励飞 intellifusion
东方网力 netposa|奇虎 qihoo|中广核 china general nuclear power|国盾量子 quantumctek|福建晋华 fujian jinhua integrated circuit|鹏芯微 pxw|昇维旭 swaysure
新芯 xmc|鹏新旭 pengxinxu|拓荆 piotech|盛美 acm research shanghai|凯世通 kingstone|新凯来 sicarrier|光启 kuang chi
算能 sophgo|申威 sunway microelectronics|国科微 goke|同方威视 nuctech|卡巴斯基 kaspersky|俄罗斯技术集团 rostec|俄技集团 rostec
马汉航空 mahan air|伊朗航空 iran air|高丽航空 air koryo|苏霍伊 sukhoi|阿尔马兹 almaz antey|北航 beihang|哈工大 harbin institute technology
西工大 northwestern polytechnical university|国防科大 national university defense technology|北理工 beijing institute technology
南航大 nanjing university aeronautics astronautics|南理工 nanjing university science technology|哈工程 harbin engineering university
成飞 chengdu aircraft|沈飞 shenyang aircraft|上海兆芯 zhaoxin|兆芯 zhaoxin|景嘉微 jingjia|道通智能 autel robotics
中国工程物理研究院 chinese academy engineering physics
中国运载火箭技术研究院 china academy launch vehicle technology|中船重工 china shipbuilding industry
"""
_NAMED: dict[str, str] = dict(pair.split(" ", 1) for row in _BRANDS.split("\n") for pair in row.split("|") if pair)
_KNOWN = dict(pair.split(" ", 1) for row in _WORDS.split("\n") for pair in row.split("|") if pair) | _NAMED
"""Simplified characters (or Japanese ones that have no simplified form) -> Latin words."""
_LONGEST = max(map(len, _KNOWN))
_ORDINAL = re.compile(r"第?([一二三四五六七八九十]{1,3})(?=研究|所|厂|学院|设计)|第([一二三四五六七八九十]{1,3})")
_DIVISION = re.compile(r"(?<=[㐀-鿿]{2})[市省](?=[㐀-鿿])")
"""City and province as words are left out: "深圳市" is Shenzhen."""
_RUN = re.compile(r"[㐀-鿿豈-﫿]+")


def brands() -> Mapping[str, str]:
    """Chinese and Japanese names by which firms and institutes are known, with the name that lists have for them."""
    return _NAMED


def latin(text: str) -> str:
    """The simplified text with its Han characters as spaced Latin words: "华为技术" -> "huawei technology"."""
    text = _ORDINAL.sub(lambda m: f" {chinese(m.group(1) or m.group(2))} ", text)
    return _RUN.sub(lambda m: f" {_run(_DIVISION.sub('', m.group()))} ", text)


def _run(text: str) -> str:
    from anyascii import anyascii  # 12 ms: only where there is something to transliterate

    words = [""]
    at = 0
    while at < len(text):
        for size in range(min(_LONGEST, len(text) - at), 0, -1):
            word = _KNOWN.get(text[at : at + size])
            if word:
                break
        if word and size > 1:
            words += [word, ""]
        else:  # sounds without a known word between them are taken as one name
            words[-1] += word or anyascii(text[at]).lower().strip()
        at += size
    return " ".join(filter(None, words))
