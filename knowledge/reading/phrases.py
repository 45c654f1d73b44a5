"""The turns of phrase round the names of goods: what joins, what breaks, what says "not", "for", "in", "like", "perhaps"."""

import re

# "N52", "42SH", "N38EH": grades of sintered NdFeB (two or three letters on the number tell the working temperature).
GRADE = re.compile(
    r"(?<![A-Za-z0-9])(?:N\s?-?(?:2[7-9]|3\d|4\d|5[0-8])\s?(?:SH|UH|EH|AH|TH|VH|H|M)?|(?:2[7-9]|3\d|4\d|5[0-8])(?:SH|UH|EH|AH|TH))(?![A-Za-z0-9])",
    re.IGNORECASE,
)
BREAK = re.compile(
    r"[?!;。？！；\n]|\.(?=\s|$)|,(?!\d)|、|，|\band\b|\bor\b|\bplus\b|\by\b|\bund\b|\bet\b|\bи\b|[和与及跟或&+]"
)
HARD_BREAK = re.compile(r"[?!;。？！；\n]|\.(?:\s|$)")
FACILITY = re.compile(
    r"^\s*(?:的\s?)?(?:factor(?:y|ies)|plants?|makers?|manufacturers?|compan(?:y|ies)|customers?|suppliers?|producers?|industry|mills?|works|shops?|traders?|growers?|stores?|labs?|laborator(?:y|ies)|compounders?|"
    r"ltd|co\.|inc|corp|gmbh|divisions?|departments?|users?|exhibition|trade fair|business|firms?|buyers?|importers?|distributors?|"
    r"厂|工厂|公司|客户|企业|制造商|生产商|行业|集团|车间|工业|买家|供应商|用户|贸易|展|メーカー|工場|会社|제조|공장|업체)"
)
FACILITY_BEFORE = re.compile(
    r"(?:\binto (?:an? )?|\b(?:empresa|fabrica|compania|fabricante|societe|entreprise|fabricant|firma|hersteller|fabrik|завод\w*|производител\w+|компани\w+|фирм\w+)\s+(?:de|d'|von|fur|por|по)?\s*)$"
)
PACKED = re.compile(
    r"(?:\b(?:in|into|inside|within|packed in|packaged in|filled in|packing:?|en|dans|в|во|in je|verpackt in)\s+(?:\w+\s+){0,3}|[装裝](?:在|于|入)?[\w]{0,6}|用)$"
)
UNSURE_BEFORE = re.compile(
    r"(?:\b(?:whether|if|not sure|unsure|don'?t know|do not know|no idea|unclear)\b[^.;,]{0,30}|không (?:rõ|biết)|chưa rõ|liệu|не знаем|неизвестно|no sabemos|on ne sait pas|nicht bekannt|wissen nicht|わからない|不明|是否|不知道|不清楚|不确定|有没有)(?:\s*(?:it|they|there|the magnets?|含|有|is|are|any|some|contains?|has|have|里面|có|si|ob|ли|есть|hay)\s*)*$"
)
UNSURE_AFTER = re.compile(
    r"^[\s/]*(?:\w+\s+){0,2}(?:content|share|level|含量|成分)?\s*(?:is\s|are\s)?(?:unknown|not known|not tested|untested|not measured|to be confirmed|tbc|tbd|unclear|not sure|not stated|\?|未知|未检测|未测|待检|不明|不清楚|不详|不确定|неизвест\w*|unbekannt|desconocid\w*|inconnue?)"
)
FIRM_AFTER = re.compile(r"^[㐀-鿿]{0,5}?(?:公司|集团|股份)")
LAW_AFTER = re.compile(
    r"^\s*(?:licen[cs]e|permit|rules?|controls?|ban|list|announcement|许可|管制|限制|公告|出口许可|両用|许可证)"
)
LAW_BEFORE = re.compile(
    r"(?:licen[cs](?:e|ia)|permit|permiso|autorisation|genehmigung|лицензи\w*|许可|管制)\s*(?:for\s|de\s|des\s|du\s|fur\s|на\s)?$"
)
AND_BEFORE = re.compile(r"(?:\b(?:and|other|plus|und|y|et|и)\s+(?:other\s)?|[和及与]其?他?)$")
LIKE_BEFORE = re.compile(
    r"(?:\b(?:like|similar to|same as|compared (?:to|with)|unlike|wie|como el|comme)\s+(?:the\s|an?\s)?|像|类似)$"
)
HEARSAY_BEFORE = re.compile(r"(?:\b(?:all|any|every|such|these|those|which)\s+|所有|全部|这些|这种)$")
PART_BEFORE = re.compile(r"(?:用(?:的是)?|采用|里面?有?|内有?|内置|inside:?|uses?|using|based on|made with)\s*$")
PART_AFTER = re.compile(
    r"^\s*(?:uses?\b|contains?\b|has\b|have\b|holds?\b|is made|里面?有|里的?|内有|用的是|用(?!于|途|户))"
)
SEPARATE = re.compile(
    r"\b(?:sell|sold|ship|export|send|suppl|buy|order|need|want)\w*\b[^.;?]{0,40}\b(?:too|also|as well|separate(?:ly)?|loose|spares?|extra)\b"
    r"|\b(?:also|separately|loose|plus|and|spare)\b[^.;?]{0,20}\b(?:sell|ship|export|send|supply|spares?|alone|by itself|\d+\s?(?:kg|pcs|tons?|t|g)\b)"
    r"|\b(?:tambien|aussi|auch|ebenfalls|также|отдельно|separado|separement|rieng|cung ban)\b|单独|另外|另有|另发|也(?:卖|出口|发|要)|备件|散装|別途|따로|별도"
)
"""Something is sold by itself as well: then no word for goods is only a part of the article before it."""
PURE = 90
ASIDE = 80
"""How far, in characters, the description of a part of an article may reach."""
GENERIC = frozenset({"metal", "oxide", "alloy", "compound", "mixture", "material"})
LIST_GAP = re.compile(
    r"[\s,，、/&+:：·・]*(?:(?:jeweils|each|sind|ist|を|が|は|も|および|이|가|은|는|도|과|와|and|or|both|all|were|was|is|are|und|y|et|и|和|与|及|或|均|都|全部|also|as well as|content|含量)[\s,，]*)*"
)
GRADE_AFTER = re.compile(r"^\s*(?:grade|级|quality)")
FREE_AFTER = re.compile(r"^[\s-]?free\b")
NOT_BEFORE = re.compile(
    r"(?:\b(?:not|non|isn't|nicht|kein|pas de|не|rather than|instead of)\s+(?:any\s)?|不是|并非|而非|非)$"
)
USE_AFTER = re.compile(
    r"^(?:\s*(?:parts?|components?|applications?|use)\b|材料|领域|行业|用(?:途|的|于)?|专用|に(?!つ)|向け|용(?:으로)?)"
)
NAME_GAP = 14
FIGURE_AFTER = re.compile(
    r"^\s*(?:content|gehalt|含量)?\s*(?:(?:is|of|at|ca|circa|about|approx|around|etwa|rund|env|около)\b\.?|约|大约|为|[~≈:：=])*\s*"
    r"(?=[\d.,]*[1-9])\d+(?:[.,]\d+)?\s*(?:wt\.?)?\s?%"
)
"""A share of its own, and not nought: the element is there whatever was ruled out before it."""
AMOUNT_AFTER = re.compile(
    r"^\s*(?:(?:[a-z]+\s){1,2}?|[一-鿿]{1,4})?\d[\d.,]*\s?(?:kgs?|g|mt|t|tons?|tonnes?|tonnen|toneladas|pcs|pieces|stk|lbs?|кг|тонн\w*|т|公斤|千克|克|吨|片|件|kg)(?![a-z])",
    re.IGNORECASE,
)
AMOUNT_BEFORE = re.compile(
    r"\d\s?(?:kgs?|g|mt|t|tons?|tonnes?|tonnen|toneladas|lbs?|кг|тонн\w*|т|公斤|千克|克|吨)(?:\s+(?:of|de|von|di)\b)?\s*(?:的\s?)?$",
    re.IGNORECASE,
)
EITHER = re.compile(r"\b(?:or|nor|neither|oder|ou|или|ni|hoặc)\b|或")
"""Between the items of a list of absences: the next one belongs to it for certain."""
ALL_BEFORE = re.compile(r"(?:[都均]|全部|一概|也)$")
JOIN = re.compile(r"^[\s\-/·()（）]*(?:of|de|del|d'|из|von|aus|du|des|的|の)?[\s\-/·()（）\"']*$")
LICENCE_FOR = re.compile(
    r"(?:licen[cs]e|permit|rules?|controls?|quote|ban|need|apply|papers?|permission|certificate|authori[sz]ation|许可|许可证)\s*(?:needed|required)?\s*$"
)
