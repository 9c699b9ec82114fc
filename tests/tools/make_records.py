"""Records (JSONL) of a large scan, made up: for the speed and memory of reports.

    python3 tests/tools/make_records.py [DOCUMENTS] [FINDINGS] > records.jsonl
"""
import json
import random
import sys

documents, findings = (int(text) for text in (sys.argv[1:] + ["100000", "5000"][len(sys.argv) - 1:]))
chance = random.Random(6)
MARKS = [("vn.state-secret.tuyet-mat", "TUYỆT MẬT", "top-secret"), ("vn.state-secret.toi-mat", "TỐI MẬT", "secret"),
         ("vn.state-secret.mat", "MẬT", "confidential"), ("vn.internal.luu-hanh-noi-bo", "LƯU HÀNH NỘI BỘ", "internal")]
print(json.dumps({"type": "start", "schema": 1, "tool": "daumat", "version": "0.1.0", "rules_digest": "0" * 64, "packs": ["vn"],
                  "roots": ["/srv/ví-dụ"], "started": "2026-11-22T01:02:03.456Z"}))
bands = {"high": 0, "medium": 0, "low": 0}
gaps = {}
flagged = partial = none = 0
for index in range(documents):
    path = f"/srv/ví-dụ/phòng {chance.randint(1, 30)}/{2020 + index % 6}/văn bản số {index}.docx"
    head = {"path": path, "members": [], "display": path, "format": "docx"}
    found = index % max(documents // max(findings, 1), 1) == 0 and flagged < findings
    gap = not found and index % 50 == 7
    if found:
        flagged += 1
        rule, mark, level = chance.choice(MARKS)
        points = chance.randint(50, 100)
        band = "high" if points >= 80 else "medium"
        bands[band] += 1
        print(json.dumps({"type": "finding", **head, "rule": rule, "pack": "vn", "title": mark, "level": level, "confidence": points,
                          "band": band, "place": {"kind": "body", "visible": True, "page": 1}, "matched": mark,
                          "reasons": [{"code": "own-line", "points": 40}, {"code": "top-left-of-page-1", "points": points - 40}],
                          "fingerprint": f"{chance.getrandbits(64):016x}"}, ensure_ascii=False))
    if gap:
        reason = chance.choice(["encrypted", "image-only", "damaged", "unsupported"])
        gaps[reason] = gaps.get(reason, 0) + 1
        none += 1
    if found or gap:
        print(json.dumps({"type": "document", **head, "bytes": 20000, "coverage": "none" if gap else "full",
                          "gaps": [{"reason": reason, "detail": "a password is needed"}] if gap else [], "findings": int(found),
                          "level": level if found else None, "confidence": points if found else None}, ensure_ascii=False))
print(json.dumps({"type": "summary", "documents": documents, "bytes": documents * 20000, "full": documents - none, "partial": partial,
                  "none": none, "skipped": 0, "skipped_by_reason": {}, "findings": bands, "flagged_documents": flagged, "gaps": gaps,
                  "elapsed_ms": 123456, "interrupted": False, "verdict": "findings"}))
