"""The people and chats of the town, and what is said there. All of it is invented.

`HOSTILE` are names as they stand in real chats: whoever shows names has to stand them.
"""

from dataclasses import dataclass
from random import Random
from typing import Final

from .chats import ADMINISTRATOR, CREATOR, LEFT, MEMBER, Chat, Status
from .people import BOT_ID, Person, Profile

#: Beside the bot and the two others.
PEOPLE: Final = 400
_FIRST_ID: Final = 5_100_000_000


def _parted(text: str) -> tuple[str, ...]:
    """By line ends and strokes."""
    return tuple(part.strip() for line in text.strip().split("\n") for part in line.split(" | "))


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


@dataclass(frozen=True)
class Tongue:
    """A language: how many of a hundred people speak it, their names, and what they say."""

    share: int
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    says: tuple[str, ...]
    answers: tuple[str, ...]


_ENGLISH: Final = Tongue(
    32,
    _words("""Alma Barnaby Clementine Dexter Edith Felix Greta Hugo Imogen Jasper Kit Lottie
        Magnus Nell Otis Poppy Quentin Rosalind Silas Tilda Ursula Vernon Winifred Zadie"""),
    _words("""Ashgrove Birdwhistle Copperfold Dunmarsh Elderby Fenwright Goosely Hawkmoor
        Inglethorn Larkwell Mossbridge Nettleby Oakenfell Pennywick Quarrington Rooksby
        Thistlewood"""),
    _parted("""
        Who has the key to the cellar? | The bakery on the corner is open again.
        See you at the bridge at nine, with boots.
        I have two chairs to give away, one of them wobbles. | Rain until noon, then it clears up.
        Has anybody seen a grey cat with a white paw?
        The lift is stuck on the third floor once more.
        Thank you for yesterday, that was a lovely evening!
        Rook takes knight, and it was all over after that. | My train is late, begin without me.
        Does somebody have a long ladder until Sunday?
        We were eleven, and the soup was enough for five.
        1 < 2 && "quotes" <b>stay</b> as they are
        The path by the mill is flooded, take the upper one.
        I will bring the cake if somebody brings the coffee.
    """),
    _parted("""
        Me too. | Not this week, I am afraid. | Good idea! | I can help with that 🙂
        Which one do you mean? | 👍 | Thanks, found it.
    """),
)
_UKRAINIAN: Final = Tongue(
    20,
    _words("""Богдана Василь Галина Данило Євген Жанна Зоряна Іванка Лесь Мирослава Назар
        Оксана Остап Павло Роксолана Соломія Тарас Уляна Христина Юрко Ярина Їва"""),
    _words("""Вербовий Гайдай Дзвінка Калинець Лебідь Мальва Журавель Осокір Перепілка Соловій
        Сніжко Трембіта Черешня Щедрик Явір"""),
    _parted("""
        Хто вже дочитав другий розділ? | Зустрічаємося в середу о шостій у бібліотеці.
        Принесу чай і печиво, а ви беріть книжки. | Мені цей герой зовсім не подобається.
        Кінець такий несподіваний, що я не спала до ранку. | Чи є в когось зайвий примірник?
        Голосуємо за наступну книжку до неділі. | Сьогодні я трохи запізнюся.
        У перекладі бракує цілої сторінки! | Яке у вас улюблене місце?
        Знайшла в букініста перше видання. | Давайте цього разу щось веселіше.
        Дякую всім, було дуже затишно. | Прочитала за одну ніч, тепер не можу прокинутися.
        Запишіть мене, будь ласка, на п'ятницю.
    """),
    _parted("""
        І я так думаю. | Згоден. | Ні, це було в третьому розділі. | Дякую! | Гарна думка 🙂
        Я принесу. | А чому?
    """),
)
_RUSSIAN: Final = Tongue(
    16,
    _words("""Агния Борис Варвара Глеб Дарья Ефим Зоя Игнат Клара Лев Майя Никита Олеся Платон
        Рита Савва Таисия Устин Фаина Ян"""),
    _words("""Берёзкин Ветров Грачёв Дождев Ёлкин Журавин Звонарь Капелька Листопад Мостовой
        Незабудько Рябинин Снегирь Тополь Ясень"""),
    _parted("""
        Репетиция завтра в семь, не опаздывайте. | Альты, послушайте запись со второй минуты.
        Кто заберёт ноты из мастерской? | Вчера спели почти без ошибок!
        У меня пропал голос, посижу тихо. | Концерт переносится на субботу. | Нужны ещё два баса.
        Ключи от зала у вахтёра. | Давайте повторим финал, он у нас хромает.
        Принесите, пожалуйста, чёрные папки. | Я нашла старую пластинку с этой песней.
        Сколько человек будет в пятницу? | Зал холодный, одевайтесь теплее.
        После репетиции чай с пирогом. | Дирижёр просит прийти на полчаса раньше.
    """),
    _parted("""
        Буду. | Хорошо, спасибо! | А во сколько? | Я тоже. | Не успею, простите. | Отлично 🙂
        Возьму с собой.
    """),
)
_SPANISH: Final = Tongue(
    18,
    _words("""Amparo Braulio Celeste Dámaso Elvira Fermín Graciela Horacio Inés Jacinto Leonor
        Macarena Nicanor Olalla Práxedes Remedios Saúl Trinidad Úrsula Ximena Íñigo"""),
    _words("""Arroyuelo Bellaflor Campoverde Doradal Espinar Fuentelobo Granadal Juncosa
        Limonar Montecillo Olivarte Piedralisa Riosalado Solana Valdezarza"""),
    _parted("""
        ¿Quién viene el martes a practicar? | Hoy toca hablar de recetas de la abuela.
        ¿Cómo se dice «madrugar» en inglés? | Vendo una bicicleta azul, casi nueva.
        Llevo tres meses estudiando y ya entiendo los chistes.
        Busco una mesa pequeña para el balcón. | Quedamos en la plaza, junto a la fuente.
        Regalo macetas, hay que venir a buscarlas. | Mañana no puedo, tengo guardia.
        ¡Qué bien lo pasamos ayer! | ¿Alguien sabe arreglar una persiana?
        Se ha perdido un paraguas rojo con lunares. | He traído higos para todos.
        La palabra del día es «sobremesa». | El mercadillo empieza a las diez.
    """),
    _parted("""
        Yo también. | ¡Perfecto! | ¿A qué hora? | Me lo quedo 🙂 | Todavía no.
        Gracias por avisar. | Depende del precio.
    """),
)
_ARABIC: Final = Tongue(
    14,
    _words("""أمل بدر تالا جمال حنان خليل دانة ربيع زينب سامر شهد صفاء طارق عبير غسان فرح قيس
        ليلى مازن نور هالة وسيم ياسمين"""),
    _words("""البستاني التفاحي الجسري الحديقي الخبازي الزهراوي الساقية الشمعي الطاحون العطار
        القنديل المطري النخيلي الوردي"""),
    _parted("""
        من يعرف طريقة سهلة للخبز بالزعتر؟ | اليوم طبخت العدس مع الليمون.
        كم دقيقة يبقى الصحن في الفرن؟ | اشتريت نعناعا طازجا من السوق. | الوصفة تكفي لستة أشخاص.
        نسيت الملح مرة أخرى! | غدا نلتقي عند أمل في الساعة الخامسة.
        هل يمكن استعمال الزبدة بدل الزيت؟ | أحضروا معكم صحونا إضافية.
        الحساء كان لذيذا جدا، شكرا لكم. | عندي تمر كثير، من يريد؟ | السر في القرفة وقليل من الصبر.
        احترق الأرز وبقي أحلى ما فيه. | من يأتي بالخبز هذا الأسبوع؟ | جربت وصفة جدتي ونجحت.
    """),
    _parted("""
        وأنا أيضا. | شكرا جزيلا! | فكرة جميلة 🙂 | نصف ساعة تقريبا. | سأحضر معي. | أي وصفة؟
        إن شاء الله.
    """),
)
TONGUES: Final = {
    "en": _ENGLISH, "uk": _UKRAINIAN, "ru": _RUSSIAN, "es": _SPANISH, "ar": _ARABIC,
}  # fmt: skip

ANN_ID: Final = 101
#: First and last names.
HOSTILE: Final[tuple[tuple[str, str | None], ...]] = (
    ("<b>Bold</b>", None),
    ("<script>alert(1)</script>", "& sons"),
    ("=1+1", None),
    ("@SUM(A1)", "-2"),
    ("👩‍👩‍👧‍👦", "🏳️‍🌈"),
    ("\u202eetirw ot sdrawkcaB", None),
    ("Zero\u200bwidth\u200d", "\u2060Joiner"),
    ("Long" * 16, "Longer" * 10),
    ("\u3164", None),
    ("%s {name}", "%(last)s {0}"),
    ("O'Neil", '"; DROP TABLE users; --'),
    ("Two\u2028Lines", "Third\u0085Line"),
)
#: What usernames are made of.
QUALITIES: Final = _words("""amber brisk calm dusty early fuzzy gentle hasty ivory jolly kind
    lucky mellow noble odd plain quiet rusty sunny tidy""")
CREATURES: Final = _words("""badger crane dormouse egret ferret gecko heron ibis jackdaw
    kestrel lynx marten newt otter puffin quail robin stoat tern urchin vole wren""")
BOTS: Final = (("Weather", "town_weather_bot"), ("Raffle", "town_raffle_bot"))
NEWS: Final = _parted("""
    The bridge is closed on Saturday from six to nine. | The tram runs every seven minutes again.
    Flea market on Sunday: stalls are free, bring a table.
    Found: one left shoe, size 43, near the fountain.
    The choir sings on the square at five, if it is dry.
    The swimming pool opens on the first of the month.
""")


@dataclass(frozen=True)
class Place:
    """A public chat: who talks there in which languages, and how much in 60 days."""

    id: int
    type: str
    title: str
    tongues: tuple[str, ...]
    #: Members of the first day, of whom something is or will be heard.
    size: int
    messages: int
    username: str | None = None
    topics: tuple[str, ...] = ()
    unheard_members: int = 0
    #: As what the bot is added on the first day; LEFT where it is not.
    bot: Status = ADMINISTRATOR
    ann: Status = LEFT
    #: Whoever wants to come has to ask.
    is_guarded: bool = False


CHESS, FISH, STAIR = -4_100_000_001, -4_100_000_002, -4_100_000_003
HILLS, NEIGHBOURS, EXCHANGE = -1002200000001, -1002200000002, -1002200000003
BOOKS, KITCHEN, CHOIR = -1002200000004, -1002200000005, -1002200000006
MARKET, BOARD_GAMES, NEWS_CHANNEL = -1002200000007, -1002200000008, -1002200000009

PLACES: Final = {place.id: place for place in (
    Place(CHESS, "group", "Chess on Tuesdays", ("en",), 24, 210, ann=CREATOR),
    Place(FISH, "group", "Fish & <b>Chips</b>", ("en",), 18, 110, bot=MEMBER),
    Place(STAIR, "group", "Linden Street 4, left stair", ("en",), 30, 300),
    Place(HILLS, "supergroup", "Hill Walkers", ("en",), 150, 1480, "hill_walkers_town",
          unheard_members=1400, ann=MEMBER),
    Place(NEIGHBOURS, "supergroup", "Linden Street Neighbours", ("en",), 100, 900,
          topics=("Lost and found", "Repairs", "Parties", "Give and take", "Children"),
          unheard_members=90, ann=ADMINISTRATOR),
    Place(EXCHANGE, "supergroup", "Intercambio español – English", ("es", "es", "en"), 90, 680,
          "intercambio_ribera", ("Principiantes", "Conversación", "Música", "Viajes"),
          unheard_members=260),
    Place(BOOKS, "supergroup", "Книжкове коло", ("uk",), 60, 520, is_guarded=True),
    Place(KITCHEN, "supergroup", "مطبخ الحارة", ("ar",), 48, 400),
    Place(CHOIR, "supergroup", "Хор «Рассвет»", ("ru",), 46, 380),
    Place(MARKET, "supergroup", "Mercadillo del barrio", ("es",), 70, 300, "mercadillo_barrio",
          unheard_members=500, bot=MEMBER),
    Place(BOARD_GAMES, "supergroup", "Board Games Night", ("en",), 34, 200, bot=LEFT, ann=CREATOR),
    Place(NEWS_CHANNEL, "channel", "Linden Street News", ("en",), 90, 70, "linden_street_news",
          unheard_members=320, ann=MEMBER),
)}  # fmt: skip


def is_at_home(person: Person, place: Place | None) -> bool:
    return (person.language_code or "en") in (place.tongues if place else ("en",))


def draw_people(random: Random) -> list[Person]:
    """Ann is the first, the bots are the last."""
    taken = {"ann_a"}
    drawn = [_draw(random, taken) for _ in range(PEOPLE - len(HOSTILE) - 1)]
    drawn += [(Profile(first, last), None) for first, last in HOSTILE]
    random.shuffle(drawn)
    ids = [*range(102, 112), *(10**7 * n + 77 for n in range(1, 31))]
    ids += random.sample(range(_FIRST_ID, _FIRST_ID + 10**9), len(drawn) - len(ids))
    ann = Person(ANN_ID, Profile("Ann", "Archer", "ann_a"), "en")
    others = [Person(id_, *names) for id_, names in zip(sorted(ids), drawn, strict=True)]
    names = [(BOT_ID, "Register", "register_bot"), *((900 + n, *b) for n, b in enumerate(BOTS))]
    bots = [Person(id_, Profile(name, None, user, is_bot=True)) for id_, name, user in names]
    return [ann, *others, *bots]


def _draw(random: Random, taken: set[str]) -> tuple[Profile, str | None]:
    code = random.choices(list(TONGUES), [tongue.share for tongue in TONGUES.values()])[0]
    tongue = TONGUES[code]
    last_name = random.choice(tongue.last_names) if random.random() < 0.7 else None
    username = _username(random, taken) if random.random() < 0.62 else None
    profile = Profile(
        random.choice(tongue.first_names), last_name, username, is_premium=random.random() < 0.08
    )
    return profile, code if random.random() < 0.9 else None


def _username(random: Random, taken: set[str]) -> str:
    """That nobody has. Sometimes with a number, as the good ones are gone."""
    while True:
        words = f"{random.choice(QUALITIES)}_{random.choice(CREATURES)}"
        name = random.choice((words, words, words.title(), f"{words}{random.randint(2, 99)}"))
        if name.lower() not in taken:
            taken.add(name.lower())
            return name


def draw_chats(random: Random, people: list[Person]) -> list[Chat]:
    """Whoever would be nowhere walks the hills."""
    chats = [_chat(random, place, people) for place in PLACES.values()]
    placed = {user_id for chat in chats for user_id in chat.statuses}
    hills = next(chat for chat in chats if chat.id == HILLS)
    hills.statuses |= {p.id: MEMBER for p in people if p.id not in placed and p.is_active}
    return chats


def _chat(random: Random, place: Place, people: list[Person]) -> Chat:
    """Three of four speak the language of the place. A creator, and some administrators."""
    others = [p for p in people if p.is_active and p.id != ANN_ID]
    home = [p for p in others if is_at_home(p, place)]
    inside = random.sample(home, min(len(home), place.size * 3 // 4))
    strangers = [p for p in others if p not in inside]
    inside += random.sample(strangers, place.size - len(inside))
    statuses = dict.fromkeys((p.id for p in inside), MEMBER)
    for person in inside[1 : 2 + place.size // 40]:
        statuses[person.id] = ADMINISTRATOR
    if place.ann != CREATOR:
        statuses[inside[0].id] = CREATOR
    if place.ann != LEFT:
        statuses[ANN_ID] = place.ann
    topics = {2 + n: name for n, name in enumerate(place.topics)}
    return Chat(
        place.id, place.type, place.title, place.username, statuses, topics,
        last_message_id=len(topics) + 1, unheard_members=place.unheard_members,
    )  # fmt: skip
