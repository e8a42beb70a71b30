"""Titles as other people would write them: mistyped, in other letters, with emoji, in another language.

What a playlist holds does not change, so that a model of titles can be measured by what it makes of them.
"""

import re
from collections.abc import Callable, Sequence

import numpy as np

LEAST = 4  # letters of a word that is mistyped
EMOJI = ("🎵", "🎸", "✨", "🎉", "😎", "💃", "🌊", "🚗", "🌙", "🎧")
WRITTEN = (str.upper, str.lower, str.title)
AROUND = ("{}!", "{}!!!", "{}...", "~ {} ~", "*{}*", "[{}]", ".{}.")
BETWEEN = ("_", ".", " - ", "/")  # words, in place of blanks
# fmt: off
ENGLISH = (  # what the sample's titles are made of, but for coined words
    "rock, pop, country, jazz, soul, folk, metal, techno, house, blues, punk, reggae, classical, "
    "ambient, funk, disco, latin, gospel, rap, trance, grunge, swing, indie, classic, acoustic, "
    "modern, chill, party, sad, workout, oldies, new, hits, good songs, songs, everything, road trip, "
    "summer, best of, my, mix, and more, and, on repeat"
)
# The same in others, word by word, without a care for grammar: titles seldom have any.
LANGUAGES = {
    "Spanish": "rock, pop, country, jazz, soul, folclore, metal, techno, house, blues, punk, reggae, "
    "clásica, ambiental, funk, disco, latina, góspel, rap, trance, grunge, swing, indie, clásicos, "
    "acústico, moderno, tranquilo, fiesta, triste, ejercicio, viejitas, nuevo, éxitos, "
    "buenas canciones, canciones, todo, viaje, verano, lo mejor de, mi, mezcla, y más, y, sin parar",
    "German": "Rock, Pop, Country, Jazz, Soul, Volksmusik, Metal, Techno, House, Blues, Punk, Reggae, "
    "Klassik, Ambient, Funk, Disko, Latino, Gospel, Rap, Trance, Grunge, Swing, Indie, klassischer, "
    "akustischer, moderner, entspannt, Feier, traurig, Training, Oldies, neu, Hits, gute Lieder, "
    "Lieder, alles, Autofahrt, Sommer, das Beste von, mein, Mischung, und mehr, und, Dauerschleife",
    "French": "rock, pop, country, jazz, soul, folk, métal, techno, house, blues, punk, reggae, "
    "classique, ambiance, funk, disco, latine, gospel, rap, trance, grunge, swing, indé, classique, "
    "acoustique, moderne, détente, fête, triste, entraînement, rétro, nouveau, tubes, "
    "bonnes chansons, chansons, tout, en route, été, le meilleur de, mon, mélange, et plus, et, "
    "en boucle",
    "Portuguese": "rock, pop, country, jazz, soul, folclore, metal, techno, house, blues, punk, "
    "reggae, clássica, ambiente, funk, disco, latina, gospel, rap, trance, grunge, swing, indie, "
    "clássicos, acústico, moderno, tranquilo, festa, triste, treino, antigas, novo, sucessos, "
    "músicas boas, músicas, tudo, viagem, verão, o melhor de, meu, mistura, e mais, e, sem parar",
    "Japanese": "ロック, ポップ, カントリー, ジャズ, ソウル, フォーク, メタル, テクノ, ハウス, "
    "ブルース, パンク, レゲエ, クラシック, アンビエント, ファンク, ディスコ, ラテン, ゴスペル, "
    "ラップ, トランス, グランジ, スウィング, インディー, 名作, アコースティック, モダン, チル, "
    "パーティー, 悲しい, 筋トレ, 懐メロ, 新しい, ヒット, いい歌, 歌, 全部, ドライブ, 夏, ベスト, "
    "私の, ミックス, など, と, リピート",
    "Arabic": "روك, بوب, كانتري, جاز, سول, شعبي, ميتال, تكنو, هاوس, بلوز, بانك, ريغي, كلاسيكية, "
    "هادئة, فانك, ديسكو, لاتيني, غوسبل, راب, ترانس, غرنج, سوينغ, مستقل, كلاسيكي, صوتي, حديث, هدوء, "
    "حفلة, حزين, تمرين, قديم, جديد, نجاحات, أغان جميلة, أغاني, كل شيء, رحلة, صيف, أفضل, لي, مزيج, "
    "والمزيد, و, تكرار",
}
# fmt: on
_PHRASES = ENGLISH.split(", ")
TRANSLATIONS = {
    language: dict(zip(_PHRASES, words.split(", "), strict=True)) for language, words in LANGUAGES.items()
}
_PHRASE = re.compile(rf"\b({'|'.join(sorted(_PHRASES, key=len, reverse=True))})\b", re.IGNORECASE)


def mistyped(title: str, rng: np.random.Generator) -> str:
    """``title`` with two neighbouring letters swapped, one left out or one doubled, in one of its words of
    LEAST letters or more, behind the first; as it is, where there is no such word."""
    words = list(re.finditer(rf"[^\W\d_]{{{LEAST},}}", title))
    if not words:
        return title
    word = words[rng.integers(len(words))]
    place = word.start() + 1 + int(rng.integers(len(word[0]) - 2))
    before, a, b, after = title[:place], title[place], title[place + 1], title[place + 2 :]
    return before + (b + a, b, a + a + b)[rng.integers(3)] + after


def rewritten(title: str, rng: np.random.Generator) -> str:
    """``title`` in capitals, in none, or each word with one, whichever it is not already."""
    others = [other for write in WRITTEN if (other := write(title)) != title] or [title]
    return others[rng.integers(len(others))]


def punctuated(title: str, rng: np.random.Generator) -> str:
    """``title`` with marks around it, or in place of its blanks."""
    choice = int(rng.integers(len(AROUND) + len(BETWEEN)))
    if choice < len(AROUND):
        return AROUND[choice].format(title)
    return title.replace(" ", BETWEEN[choice - len(AROUND)])


def with_emoji(title: str, rng: np.random.Generator) -> str:
    """``title`` with one of EMOJI before or behind it."""
    emoji = EMOJI[rng.integers(len(EMOJI))]
    return f"{emoji} {title}" if rng.random() < 0.5 else f"{title} {emoji}"


def translated(title: str, rng: np.random.Generator) -> str:
    """``title`` with its words of ENGLISH in one of LANGUAGES; coined ones stay."""
    words = TRANSLATIONS[tuple(TRANSLATIONS)[rng.integers(len(TRANSLATIONS))]]

    def word(found: re.Match[str]) -> str:
        other = words[found[0].lower()]
        return other[0].upper() + other[1:] if found[0][0].isupper() else other

    return _PHRASE.sub(word, title)


Variant = Callable[[str, np.random.Generator], str]
# Each as likely as the others, of those that change a title.
VARIANTS: dict[str, Variant] = {
    "typo": mistyped,
    "case": rewritten,
    "punctuation": punctuated,
    "emoji": with_emoji,
    "language": translated,
}


def varied(
    titles: Sequence[str], share: float, rng: np.random.Generator
) -> tuple[list[str], list[str | None]]:
    """``titles``, each with the probability ``share`` by one of VARIANTS, and which one; None of the others.

    Drawn until one changes it. What becomes of a title depends on its place, and not on the other titles.
    """
    chosen = rng.random(len(titles)) < share
    seeds = rng.integers(2**63, size=len(titles)).tolist()
    pairs = [
        _changed(title, np.random.Generator(np.random.PCG64(seed))) if one else (title, None)
        for title, one, seed in zip(titles, chosen, seeds, strict=True)
    ]
    return [title for title, _ in pairs], [kind for _, kind in pairs]


def _changed(title: str, rng: np.random.Generator) -> tuple[str, str]:
    """``title`` by the first of VARIANTS, in random order, that changes it, as ``emoji`` always does."""
    kinds = tuple(VARIANTS)
    tried = ((VARIANTS[kind](title, rng), kind) for kind in (kinds[i] for i in rng.permutation(len(kinds))))
    return next((other, kind) for other, kind in tried if other != title)
