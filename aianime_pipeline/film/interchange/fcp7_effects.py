"""The effects of FCP7 XML by the names that its readers know: transitions, volume with fades, freeze, text."""

import xml.etree.ElementTree as ET
from fractions import Fraction
from math import log10

from aianime_pipeline.film.interchange.edit_list import SoundItem
from aianime_pipeline.film.timeline import SAMPLE_RATE
from aianime_pipeline.storyboard.model import Transition

_LOUDEST = 3.98107
"""What the format calls the highest level: +12 dB."""

_TRANSITIONS = {
    Transition.DISSOLVE: ("Cross Dissolve", "Dissolve"),
    Transition.FADE_BLACK: ("Cross Dissolve", "Dissolve"),
    Transition.FLASH_WHITE: ("Dip to Color Dissolve", "Dissolve"),
    Transition.WIPE: ("Edge Wipe", "Wipe"),
}


def loudest_gain() -> float:
    """In dB."""
    return 20 * log10(_LOUDEST)


def transition_effect(kind: Transition) -> ET.Element:
    name, category = _TRANSITIONS[kind]
    effect = _effect(name, name, category, "transition", "video")
    if kind is Transition.FLASH_WHITE:
        parameter = _parameter(effect, "dipcolor", "Color")
        value = ET.SubElement(parameter, "value")
        for channel in ("alpha", "red", "green", "blue"):
            ET.SubElement(value, channel).text = "255"
    if kind is Transition.WIPE:
        _parameter(effect, "angle", "Angle", "90")
    return effect


def freeze() -> ET.Element:
    """A clip slowed to nothing."""
    effect = _effect("Time Remap", "timeremap", "motion", "motion", "video")
    for parameter, value in (("variablespeed", "0"), ("speed", "0"), ("reverse", "FALSE"), ("frameblending", "FALSE")):
        _parameter(effect, parameter, parameter, value)
    return _filter(effect)


def volume(sound: SoundItem, rate: Fraction) -> ET.Element:
    """A level, with key frames where the sound fades; they are counted in frames of the source."""
    effect = _effect("Audio Levels", "audiolevels", "audiolevels", "audiolevels", "audio")
    level = min(_LOUDEST, 10 ** (sound.gain_db / 20))
    parameter = _parameter(effect, "level", "Level", f"{level:.6f}")
    for when, value in _fades(sound, rate, level):
        key = ET.SubElement(parameter, "keyframe")
        ET.SubElement(key, "when").text = str(sound.source_in + when)
        ET.SubElement(key, "value").text = f"{value:.6f}"
    return _filter(effect)


def text_generator(text: str) -> ET.Element:
    effect = _effect("Text", "Text", "Text", "generator", "video")
    _parameter(effect, "str", "Text", text)
    return effect


def _fades(sound: SoundItem, rate: Fraction, level: float) -> list[tuple[int, float]]:
    fade_in, fade_out = (round(fade * rate / SAMPLE_RATE) for fade in (sound.fade_in, sound.fade_out))
    if not fade_in and not fade_out:
        return []
    up, down = min(fade_in, sound.length), max(sound.length - fade_out, min(fade_in, sound.length))
    keys = {0: 0.0 if fade_in else level, up: level, down: level}
    keys[sound.length] = 0.0 if fade_out else level
    return sorted(keys.items())


def _effect(name: str, identifier: str, category: str, kind: str, medium: str) -> ET.Element:
    effect = ET.Element("effect")
    for tag, text in (
        ("name", name), ("effectid", identifier), ("effectcategory", category), ("effecttype", kind),
        ("mediatype", medium),
    ):  # fmt: skip
        ET.SubElement(effect, tag).text = text
    return effect


def _parameter(effect: ET.Element, identifier: str, name: str, value: str | None = None) -> ET.Element:
    parameter = ET.SubElement(effect, "parameter")
    ET.SubElement(parameter, "parameterid").text = identifier
    ET.SubElement(parameter, "name").text = name
    if value is not None:
        ET.SubElement(parameter, "value").text = value
    return parameter


def _filter(effect: ET.Element) -> ET.Element:
    made = ET.Element("filter")
    made.append(effect)
    return made
