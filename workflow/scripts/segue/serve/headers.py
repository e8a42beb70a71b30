"""What exporters call the columns of a playlist, or its keys in JSON, in the languages that they speak."""

import functools
import re
import unicodedata
from collections.abc import Sequence

SMALL = str.maketrans({"#": "number", "ł": "l", "ø": "o", "æ": "ae", "ı": "i"})


@functools.lru_cache(1024)
def normal(name: str) -> str:
    """``name`` of a column in small letters without accents, words joined by _."""
    plain = name.strip().casefold().translate(SMALL).replace("(s)", "")
    letters = "".join(c for c in unicodedata.normalize("NFD", plain) if not unicodedata.combining(c))
    return re.sub(r"\W+", "_", unicodedata.normalize("NFC", letters)).strip("_")


def _names(text: str) -> tuple[str, ...]:
    return tuple(map(normal, text.split()))


# Where a table has several of a kind, the first in this order counts: a track may be a number.
TITLES = _names("""
    track_name track_title trackname master_metadata_track_name song_name song_title song title name
    titel titelname songtitel liedtitel lied stuck musikstuck
    titre nom_du_titre nom_de_la_piste nom morceau chanson piste
    titulo nombre_de_la_cancion nombre_de_la_pista cancion nombre
    nome_da_musica nome_da_faixa musica faixa titolo nome_brano nome_del_brano nome brano canzone traccia
    naam titel_van_nummer lat latnamn latens_namn utwor tytul nazwa_utworu nazwa piosenka
    sang sangtittel sangnavn tittel navn kappale kappaleen_nimi nimi nazev nazev_skladby skladba cim dal
    sarki sarki_adi parca название название_трека трек песня назва пісня
    曲名 曲 トラック名 タイトル 楽曲名 歌名 歌曲 歌曲名 标题 標題 제목 곡명 노래 곡
    nummer track
""")
ARTISTS = _names("""
    artist_name artist_names artist artists track_artist track_artists artistname
    master_metadata_album_artist_name performer performers creator
    interpret interpreten kunstler kunstlername artiste artistes nom_de_l_artiste interprete interpretes
    artista artistas nombre_del_artista nome_do_artista nome_artista nome_dell_artista artisti
    artiest artiesten naam_van_artiest naam_artiest artistnamn artister
    wykonawca wykonawcy artysta nazwa_wykonawcy nazwa_artysty
    kunstner kunstnere artistnavn esittaja esittajat umelec eloado sanatci sanatci_adi
    исполнитель артист имя_исполнителя виконавець
    アーティスト アーティスト名 歌手 艺术家 藝術家 艺人 藝人 아티스트 가수
    album_artist album_artist_name album_artist_names
""")
PLAYLISTS = _names("""
    playlist_name playlist playlist_title playlistname name_der_playlist wiedergabeliste
    nom_de_la_playlist liste_de_lecture nombre_de_la_playlist nombre_de_la_lista lista_de_reproduccion
    nome_da_playlist nome_della_playlist afspeellijst naam_van_afspeellijst spellista spillelista spilleliste
    soittolista nazwa_playlisty playlista lista_odtwarzania плейлист プレイリスト プレイリスト名
    播放列表 播放清單 플레이리스트
""")
URIS = _names("""
    track_uri trackuri spotify_track_uri uri spotify_uri track_url spotify_track_url url spotify_url
    spotify_link link spotify_track_id track_id spotify_id spotify id
""")
# Further ones, by which a row is told to be a header.
OTHERS = _names("""
    album album_name album_uri album_url artist_uri artist_url artist_id album_id isrc number track_number
    disc_number duration duration_ms track_duration_ms length time year genre genres type explicit popularity
    added_at added_by date release_date album_release_date position composer
    tracks titles songs uris urls links
""")
KNOWN = frozenset((*TITLES, *ARTISTS, *PLAYLISTS, *URIS, *OTHERS))
OF_OTHERS = re.compile("album|artist|playlist|user|isrc|owner|added_by|episode|show")  # ids of no tracks


def place_of(names: Sequence[str], head: Sequence[str]) -> int | None:
    """The column of ``head``, whose names are ``normal``, that has the first of ``names`` that one has."""
    return next((head.index(name) for name in names if name in head), None)
