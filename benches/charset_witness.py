#!/usr/bin/env python3
"""Outside witnesses for the Vietnamese charsets before Unicode.

    python3 benches/charset_witness.py [--daumat PATH] [--viparse FOLDER]

1. The tables of `src/fold/tables` against glibc `iconv` (VISCII, TCVN5712-1) and against PyPI `viparse` 0.1.31 (TCVN3, VNI, VISCII, VPS;
   MIT), which is fetched into a temporary folder with pip when it is not given, and never kept in the tree.
2. Papers whose bytes iconv and viparse wrote (never our own encoder), as text files without fonts, through `daumat scan`: every one must be
   found at medium or above with its level. RTF papers name the font (`.VnTime`, `.VnTimeH`, `VNI-Times`), HTML papers too.
"""

import argparse
import importlib
import json
import pathlib
import subprocess
import sys
import tempfile
import unicodedata

HERE = pathlib.Path(__file__).resolve().parent
TABLES = HERE.parent / "src/fold/tables"
LEVELS = {"TUYỆT MẬT": "top-secret", "TỐI MẬT": "secret", "MẬT": "confidential"}
HEAD = ["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", "Số: 12/BC-STN"]
TAIL = ["BÁO CÁO", "Kết quả thử nghiệm số 1 của Sở Thử nghiệm tỉnh Ví Dụ"]


def ours(name):
    rows = {}
    for line in (TABLES / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            code, letter = line.split(" ")
            rows[bytes.fromhex(code)] = unicodedata.normalize("NFC", letter)
    return rows


def iconv(data, source, target):
    done = subprocess.run(["iconv", "-f", source, "-t", target], input=data, capture_output=True)
    return done.stdout if done.returncode == 0 else None


def surface(text):
    """Windows-1252 letters as bytes, undefined bytes as control characters."""
    out = bytearray()
    for letter in text:
        try:
            out += letter.encode("cp1252")
        except UnicodeEncodeError:
            if ord(letter) > 255:
                return None
            out.append(ord(letter))
    return bytes(out)


def tables(viparse):
    problems, rows = 0, 0
    for name, charset in (("viscii", "VISCII"), ("vn1", "TCVN5712-1")):
        for code, letter in ours(name).items():
            told = iconv(code, charset, "UTF-8")
            told = unicodedata.normalize("NFC", told.decode()) if told else None
            rows += 1
            if told != letter and not (told and unicodedata.combining(letter[0]) and letter in told):
                problems += 1
                print(f"{name} {code.hex()}: ours {letter!r}, iconv {told!r}")
    for name in ("tcvn3", "vni", "viscii", "vps"):
        module = importlib.import_module(f"viparse.normalize.{name}")
        theirs = {surface(source): target for source, target in module._ENTRIES}
        mine = ours(name)
        for code, letter in theirs.items():
            if code is None:
                continue
            rows += 1
            if mine.get(code) != unicodedata.normalize("NFC", letter):
                problems += 1
                print(f"{name} {code.hex()}: ours {mine.get(code)!r}, viparse {letter!r}")
        # viparse leaves out letters that Latin-1 has at the same place.
        for code in (code for code in mine.keys() - theirs.keys() if len(code) > 1 or ord(mine[code]) != code[0]):
            print(f"{name} {code.hex()}: only ours ({mine[code]!r})")
    print(f"tables: {rows} rows compared, {problems} differences")
    return problems


def encoder(viparse_name):
    """Writes text in a charset by the inverse of viparse's table."""
    module = importlib.import_module(f"viparse.normalize.{viparse_name}")
    table = {}
    for source, target in module._ENTRIES:
        code = surface(source)
        if code is not None:
            table.setdefault(unicodedata.normalize("NFC", target), code)

    def encode(text):
        out = bytearray()
        for letter in text:
            if letter in table:
                out += table[letter]
            elif ord(letter) < 128:
                out += letter.encode()
            elif letter.lower() in table and viparse_name == "tcvn3":
                out += table[letter.lower()]  # its capitals are the small letters' bytes
            elif ord(letter) < 256 and viparse_name in ("vps", "vni"):
                out.append(ord(letter))
            else:
                return None
        return bytes(out)

    return encode


def cp1258(text):
    """Base letter with its hat, then the tone, as Windows does; iconv alone refuses composed letters."""
    spread = ""
    for letter in unicodedata.normalize("NFD", text):
        spread += letter
    # Recompose what Windows-1258 has as one letter.
    out = ""
    for letter in unicodedata.normalize("NFC", text):
        parts = unicodedata.normalize("NFD", letter)
        tones = "".join(mark for mark in parts if mark in "\u0300\u0301\u0303\u0309\u0323")
        out += unicodedata.normalize("NFC", "".join(mark for mark in parts if mark not in tones)) + tones
    return iconv(out.encode(), "UTF-8", "CP1258")


def papers(out):
    tcvn3, vni, vps = encoder("tcvn3"), encoder("vni"), encoder("vps")
    made = []

    def add(name, data, level):
        if data is None:
            print(f"not encodable: {name}")
            return
        (out / name).write_bytes(data)
        made.append((name, level))

    for mark, level in LEVELS.items():
        lines = [*HEAD, mark, *TAIL]
        text = "\n".join(lines)
        for name, encode in (("tcvn3", tcvn3), ("vni", vni), ("vps", vps), ("cp1258", cp1258),
                             ("viscii", lambda text: iconv(text.encode(), "UTF-8", "VISCII")), ("vn1", lambda text: iconv(text.encode(), "UTF-8", "TCVN5712-1"))):
            add(f"{name}-{level}.txt", encode(text), level)
        as_1252 = lambda data: "".join(chr(byte) if byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else bytes([byte]).decode("cp1252") for byte in data)
        once = as_1252(text.encode())
        add(f"mojibake-{level}.txt", once.encode(), level)
        add(f"mojibake-twice-{level}.txt", as_1252(once.encode()).encode(), level)
        add(f"nfd-{level}.txt", unicodedata.normalize("NFD", text).encode(), level)
        add(f"utf16-{level}.txt", text.encode("utf-16"), level)
        for font, encode, lower in ((".VnTime", tcvn3, False), (".VnTimeH", tcvn3, True), ("VNI-Times", vni, False), ("VPS Times", vps, False)):
            body = b"\\par\n".join(b"".join(b"\\'%02x" % byte if byte > 126 or byte < 32 else bytes([byte]) for byte in encode(line.lower() if lower else line)) for line in lines)
            add(f"rtf-{font.strip('.').replace(' ', '')}-{level}.rtf", b"{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0\\fnil " + font.encode() + b";}}\\f0\\fs26 " + body + b"\\par}", level)
            page = "<br>".join("".join(f"&#{byte};" if byte < 32 else bytes([byte]).decode("latin-1") for byte in encode(line.lower() if lower else line)) for line in lines)
            if font != "VPS Times":
                add(f"html-{font.strip('.')}-{level}.html", f'<html><meta charset="utf-8"><body><font face="{font}">{page}</font></body></html>'.encode(), level)
    return made


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--daumat", default=str(HERE.parent / "target/release/daumat"))
    parser.add_argument("--viparse", help="folder with viparse 0.1.31 unpacked")
    parser.add_argument("--scan", action="append", default=[])
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        if not arguments.viparse:
            subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(folder / "pip"), "viparse==0.1.31"], check=True)
        sys.path.insert(0, arguments.viparse or str(folder / "pip"))
        problems = tables(importlib.import_module("viparse"))
        out = folder / "papers"
        out.mkdir()
        made = papers(out)
        done = subprocess.run([arguments.daumat, "scan", "-f", "jsonl", "--exit-zero", "--min-confidence", "low", *arguments.scan, str(out)], capture_output=True, text=True)
        found = {}
        for line in done.stdout.splitlines():
            record = json.loads(line)
            if record["type"] == "finding" and record["place"]["kind"] != "name":
                found.setdefault(pathlib.PurePosixPath(record["path"]).name, []).append(record)
        missed, high = 0, 0
        for name, level in made:
            hits = [record for record in found.get(name, []) if record["level"] == level]
            best = max((record["confidence"] for record in hits), default=0)
            high += best >= 80
            if best < 50:
                missed += 1
                print(f"missed {name}: {[(r['rule'], r['confidence'], r['matched']) for r in found.get(name, [])]}")
        print(f"papers: {len(made)} in charsets written by others, {len(made) - missed} found at medium and above with their level, {high} at high")
    sys.exit(1 if problems or missed else 0)


if __name__ == "__main__":
    main()
