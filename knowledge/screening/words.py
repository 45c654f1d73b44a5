"""Words that carry little of a name: company forms, generic words and their spellings in other languages.

General knowledge of how firms are named, written down here; nothing in this module is law.
"""

FORMS = frozenset(
    # English-speaking countries, the Gulf, South and South-East Asia
    "co company cos corp corporation inc incorporated ltd limited lt llc llp lp lllp plc pllc dba pte pty pvt private "
    "sdn bhd berhad fze fzco fzc fzllc dmcc wll psc pjsc sak saog saoc est establishment tbk pt cv unlimited "
    # German, Dutch, Nordic, Baltic
    "gmbh ag kg kgaa ohg ug mbh ev eg gesellschaft se bv nv vof oy oyj ab as asa aps sia uab ou hb "
    # French, Spanish, Portuguese, Italian, Romanian
    "sa sas sasu sarl eurl snc sci sl slu srl srls spa sapi sab ltda eireli cia compania compagnie societe sociedad "
    "societa anonima anonyme sadecv decv rl cva sal offshore sau eirl saci "
    # Central and south-eastern Europe, Greece, Turkey
    "sro zrt kft nyrt bt spzoo zoo sp doo dd ad ead ood eood ks ae epe ike as anonim limitet sti sirketi sirket ltdsti ve "
    # Russian and neighbours, in Latin letters
    "ooo oao zao pao ao ip npo npp fgup fgbu ojsc cjsc pjsc jsc jsp too tov pat prat obshchestvo obschestvo "
    "ogranichennoi ogranichennoy ogranichennoj otvetstvennostyu otvetstvennostiu otvetstvennostju otvetstvennost "
    "aktsionernoe aktsionernoye akcionernoe publichnoe publichnoye otkrytoe otkrytoye zakrytoe zakrytoye "
    "nepublichnoe kompaniya kompania kompaniia tovarystvo "
    # Chinese, Japanese, Korean in Latin letters; Iran
    "youxian gongsi zeren gufen kk kabushiki kaisha yugen godo gk jusik hoesa chusik sherkat sherkate sahami khass "
    "holding holdings group groupe grupo gruppa grupp gruppe grup jituan jointstock the".split()
)
"""Words dropped as a company form: they are compared last and cost almost nothing where they differ."""

STOP = frozenset("and of for in on at und et y i e dlya pri po na di da do del der den des dos van von".split())
"""Words of grammar that say nothing of who a party is."""

FORM_PHRASES = (
    r"\b(?:(?:open|closed|public|private|non ?public)\s+)*joint[ -]stock\s+(?:company|co)\b",
    r"\b(?:private\s+)?limited\s+liability\s+(?:company|partnership|co)\b",
    r"\bpublic\s+(?:limited\s+)?company\b",
    r"\bs ogranichenn\w+ otvetstvennost\w+\b",
    r"\bfree zone (?:company|establishment|co|est)\b",
    r"\bsole proprietorship\b",
    r"\bsp\s*\.?\s*z\s*\.?\s*o\s*\.?\s*o\b",
    r"\bd\s*\.\s*o\s*\.\s*o\b",
    r"\bs\s*\.?\s*r\s*\.\s*o\b",
    r"\bs\s*\.?\s*a\s*\.?\s*(?:de\s*c\s*\.?\s*v)\b",
    r"\bs\s+de\s+r\s*l(?:\s+de\s+c\s*v)?\b",
)
"""Company forms of several words, for a lower-case text."""

FORMS_CJK = (
    "股份有限公司 有限责任公司 有限責任公司 集团有限公司 有限公司 株式会社 株式會社 有限会社 合同会社 合资会社 责任公司 总公司 "
    "集团公司 集团 集團 公司 (株) (有) 주식회사 (주) 유한회사"
).split()

SAME = {
    short: whole
    for whole, shorts in {
        "technology": "technologies tech technol techno tekhnologii tekhnologiya tekhnologi teknoloji tecnologia keji technik",
        "electronics": "electronic elec electron elektronika elektronik electronica dianzi",
        "international": "intl internacional internationale mezhdunarodny mezhdunarodnyy uluslararasi guoji",
        "trading": "trade torgovy torgovyy torgovaya torg ticaret comercial maoyi commerce",
        "industry": "industries ind industrial sanayi promyshlennost promyshlenny industria gongye",
        "institute": "institut inst instituto institution enstitu yanjiusuo",
        "research": "issledovatelski issledovatelskiy issledovatelsky recherche",
        "scientific": "nauchno nauchny nauchnyy science sciences sci",
        "production": "proizvodstvennoe proizvodstvennoye proizvodstvenny prod",
        "university": "univ universitet universidad universite daxue",
        "plant": "zavod factory works",
        "center": "centre tsentr centr centro merkez ctr",
        "engineering": "engg eng inzhiniring muhendislik engineers",
        "manufacturing": "mfg manufacture manufacturer manufacturers",
        "equipment": "equip equipments",
        "development": "dev razvitie",
        "systems": "system sys sistemy sistem sistema",
        "service": "services servis servisy",
        "design": "konstruktorskoe konstruktorskoye",
        "bureau": "byuro biuro buro",
        "enterprise": "enterprises predpriyatie predpriiatie",
        "association": "obedinenie obyedinenie assoc",
        "state": "gosudarstvennoe gosudarstvenny gosudarstvennyy",
        "federal": "federalnoe federalnoye federalny",
        "concern": "kontsern konzern",
        "shipping": "denizcilik",
        "machinery": "mashinostroitelny mashinostroitelnyy makina machine machines",
        "instruments": "instrument priborostroitelny",
        "investment": "investments invest investitsii",
        "solutions": "solution resheniya",
        "aviation": "aviatsionny aviatsionnyy havacilik",
        "materials": "material",
        "communications": "communication comm telecommunications telecommunication telecom",
        "defense": "defence",
        "laboratory": "lab labs laboratories laboratoriya",
        "product": "products",
        "component": "components komponent komponenty",
        "logistics": "logistic logistik logistika",
        "import": "imports ithalat",
        "export": "exports ihracat",
        "petroleum": "petrol",
        "bank": "banka banque banco",
        "number": "no nr num",
    }.items()
    for short in shorts.split()
}
"""Another spelling or language of a generic word -> the word it is compared as."""

OFFICES = frozenset(
    "branch office headquarters hq department division procurement purchasing representative representation filial "
    "subsidiary affiliate affiliates warehouse regional bureau head main sales".split()
)
"""Words for a part of a firm: a listed firm's branch is the listed firm until shown otherwise."""

GENERIC = frozenset(
    f"{' '.join(set(SAME.values()))} global world universal general national public united first new great big star sun "
    "golden gold silver blue red green white black north south east west northern southern eastern western central "
    "middle far asia asian europe european africa american america pacific atlantic gulf euro china chinese hong kong "
    "advanced precision digital smart intelligent modern super best top prime royal premium express quality "
    "marketing mktg sales supply supplies supplier distribution wholesale retail store shop market markets goods parts spare "
    "auto automotive motor motors car cars vehicle truck tools tool hardware software computer computers data network "
    "networks internet online web media film music books printing packaging paper plastic plastics rubber glass steel "
    "metal metals iron copper aluminum aluminium mining minerals chemical chemicals pharma pharmaceutical medical "
    "health hospital clinic dental beauty cosmetics food foods bakery restaurant cafe coffee tea wine beer drinks fruit "
    "agriculture agricultural farm seeds flowers garden furniture wood timber textile textiles garment clothing fashion "
    "shoes toys sports travel tourism hotel hotels resort airline airlines airways air aero cargo freight forwarding "
    "transport transportation marine maritime ship ships boat port ocean sea construction building builders property "
    "real estate home house energy power electric electrical solar wind oil gas fuel water environment environmental "
    "security safety consulting consultants management business finance financial capital fund insurance law legal "
    "education school college academy training students culture art design studio office agency branch department "
    "ministry committee foundation society club union federation council commission corporation company project "
    "control automation optical optics laser photonics semiconductor microelectronics chip circuit integrated robot "
    "robotics sensor sensors space aerospace satellite nuclear physics chemistry biology biotech bio life care "
    "innovation innovations creative partners associates brothers sons family team alliance link links line lines point "
    "future vision dragon phoenix eagle lion tiger falcon horse orion delta alpha omega sigma apex summit horizon "
    "galaxy atlas titan victory success fortune lucky happy dream hope light bright crystal diamond pearl jade orient "
    "oriental continental ocean bridge gate tower city park river lake mountain island valley forest rose lotus".split()
)
"""Words that any firm may bear: alone they name nobody, however seldom the lists use them."""
