"""One line of speech by espeak-ng, in a process of its own. Run as a script; never imported by the pipeline.

Two reasons for the process: espeak-ng keeps state between lines (the same line spoken second comes out different),
and it is GPL-3 software, which is kept apart from the pipeline's own code.

On stdin one JSON object: `library` and `data` (paths), `voice` (such as `cmn+f3`), `clauses` (texts), `rate` (words a
minute, 80–450), `volume`, `pitch` and `range` (0–100). On stdout four bytes with the sample rate, then for each clause
four bytes with the number of its samples, and these, signed 16-bit mono; all little-endian. Exit code 3: espeak-ng
does not know the voice.
"""

import ctypes
import json
import os
import sys

_SYNCHRONOUS = 2
_DONT_EXIT = 0x8000
_UTF8 = 1
_RATE, _VOLUME, _PITCH, _RANGE = 1, 2, 3, 4
UNKNOWN_VOICE = 3

_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


def main() -> int:
    # The library prints its complaints to stdout: they must not get between the samples.
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    order = json.loads(sys.stdin.buffer.read())
    espeak = ctypes.CDLL(order["library"])
    sample_rate = espeak.espeak_Initialize(_SYNCHRONOUS, 0, order["data"].encode(), _DONT_EXIT)
    if sample_rate <= 0:
        sys.stderr.write(f"espeak-ng found no data in {order['data']}\n")
        return 1
    answer.write(sample_rate.to_bytes(4, "little"))
    samples = bytearray()

    def take(wave: ctypes._Pointer, count: int, _events: int) -> int:  # type: ignore[type-arg]
        if wave and count > 0:
            samples.extend(ctypes.string_at(wave, count * 2))
        return 0

    callback = _Callback(take)
    espeak.espeak_SetSynthCallback(callback)
    if espeak.espeak_SetVoiceByName(order["voice"].encode()) != 0:
        sys.stderr.write(f"espeak-ng has no voice {order['voice']}\n")
        return UNKNOWN_VOICE
    parameters = {_RATE: "rate", _VOLUME: "volume", _PITCH: "pitch", _RANGE: "range"}
    for parameter, name in parameters.items():
        espeak.espeak_SetParameter(parameter, int(order[name]), 0)
    for clause in order["clauses"]:
        samples.clear()
        text = clause.encode()
        if espeak.espeak_Synth(text, ctypes.c_size_t(len(text) + 1), 0, 1, 0, _UTF8, None, None) != 0:
            return 1
        espeak.espeak_Synchronize()
        answer.write((len(samples) // 2).to_bytes(4, "little") + samples)
    espeak.espeak_Terminate()
    answer.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
