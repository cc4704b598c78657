"""Say in words what a planned shot shows and where people stand, in the screenplay's own language.

An action describes itself. What has to be put into words is a line of dialogue (who is seen, how, from where) and a
bare view of a place. The texts serve people and image models alike, so they name only what can be seen: a line's words
are never in them.
"""

from aianime_pipeline.storyboard.model import Framing
from aianime_pipeline.storyboard.planning.beats import Beat, action_ms, picture_directions
from aianime_pipeline.storyboard.planning.staging import SceneSetting, Staging

TIME_WORDS = {
    "zh": {"dawn": "清晨", "day": "白天", "dusk": "黄昏", "night": "夜晚"},
    "en": {"dawn": "dawn", "day": "day", "dusk": "dusk", "night": "night"},
}
SAYS_ENOUGH_MS = 2200
"""An opening action shorter than this (`大雨。`) gets the place put in front of it."""

GENERIC_TIMES = {"日", "夜", "晨", "昏", "白", "晚", "day", "night", "dawn", "dusk"}


def describe(beat: Beat, staging: Staging, setting: SceneSetting, language: str) -> str:
    """What is seen in the shot. Never empty."""
    chinese = language == "zh"
    directions = [_as_sentence(text, chinese) for text in picture_directions(beat)]
    if beat.kind == "speech":
        seen = _speech_zh(beat, staging) if chinese else _speech_en(beat, staging)
    elif beat.kind in ("action", "closeup"):
        seen = beat.text
        if beat.establishing and not directions and action_ms(seen) < SAYS_ENOUGH_MS:
            directions = [_as_sentence(_place(setting, chinese), chinese)]
    elif beat.kind == "voice_over" and staging.characters and not beat.establishing:
        seen = _under_a_voice(beat, staging, setting, chinese)
    else:
        seen = _view(staging, setting, chinese)
    return ("" if chinese else " ").join((*directions, seen))


def blocking(staging: Staging, setting: SceneSetting, language: str) -> str:
    """Where the people of the shot stand. Sides keep through the scene, so that looks meet across a cut."""
    chinese = language == "zh"
    seen = staging.characters
    if not seen:
        return ""
    main = seen[0]
    side, other_side = _sides(main, setting, chinese)
    if staging.framing is Framing.OVER_SHOULDER and staging.listener:
        if chinese:
            return f"{staging.listener}背影在前景{other_side}侧，{main}面向镜头在{side}侧"
        return f"{staging.listener}'s back in the {other_side} foreground, {main} on the {side}, facing us"
    if len(seen) > 1:
        ordered = sorted(seen, key=lambda name: setting.sides.index(name) if name in setting.sides else len(seen))
        return ("从左到右：" + "、".join(ordered)) if chinese else "From left to right: " + ", ".join(ordered)
    if len(setting.sides) > 1 and main in setting.sides:
        if chinese:
            return f"{main}在画面偏{side}，视线朝{other_side}"
        return f"{main} on the {side}, looking {other_side}"
    return f"{main}居中" if chinese else f"{main} in the centre"


def time_words(setting: SceneSetting, language: str) -> str:
    """The time of day as the screenplay has it, or spelled out where that is one letter of a heading."""
    scene = setting.scene
    if scene.time_text and scene.time_text.lower() not in GENERIC_TIMES:
        return scene.time_text if language == "zh" else scene.time_text.lower()
    return TIME_WORDS["zh" if language == "zh" else "en"].get(scene.time_of_day or "", scene.time_text or "")


def _speech_zh(beat: Beat, staging: Staging) -> str:
    speaker = "与".join(beat.speakers) or "说话人"
    manner = _manner_zh(beat.emotion)
    listener = staging.listener
    says = "继续说" if beat.continued else "开口说话"
    if len(beat.speakers) > 1:
        return f"{speaker}并肩站着，{manner}一齐{says}。"
    match staging.framing:
        case Framing.OVER_SHOULDER:
            return f"越过{listener}的肩头看见{speaker}，{manner}正对着{listener}{says}。"
        case Framing.CLOSE_UP | Framing.EXTREME_CLOSE_UP:
            return f"{speaker}的脸占满画面，{manner}{says}。"
        case Framing.MEDIUM if listener:
            return f"{speaker}与{listener}同在画面中，{speaker}{manner or '转向对方，'}{says}。"
        case _:
            towards = f"望着画外的{listener}" if listener else "目视前方"
            return f"{speaker}{towards}，{manner}{says}。"


def _manner_zh(emotion: str) -> str:
    """`冷冷地` leans on the verb after it; `压低声音` is a phrase of its own."""
    bare = emotion.strip("，。 ")
    return bare if not bare or bare.endswith("地") else f"{bare}，"


def _speech_en(beat: Beat, staging: Staging) -> str:
    speaker = " and ".join(beat.speakers) or "The speaker"
    manner = f", {beat.emotion.strip(' .,')}" if beat.emotion else ""
    listener = staging.listener
    if len(beat.speakers) > 1:
        return f"{speaker} side by side, speaking together{manner}."
    says = "goes on speaking" if beat.continued else "speaks"
    match staging.framing:
        case Framing.OVER_SHOULDER:
            return f"Over {listener}'s shoulder: {speaker} {says} to {listener}{manner}."
        case Framing.CLOSE_UP | Framing.EXTREME_CLOSE_UP:
            return f"The face of {speaker} fills the frame; {speaker} {says}{manner}."
        case Framing.MEDIUM if listener:
            return f"{speaker} and {listener} in one frame; {speaker} {says}{manner}."
        case _:
            towards = f"looking at {listener} off screen" if listener else "looking ahead"
            return f"{speaker} {says}{manner}, {towards}."


def _under_a_voice(beat: Beat, staging: Staging, setting: SceneSetting, chinese: bool) -> str:
    """Who thinks is seen thinking; whoever else is seen alone is listening; otherwise it is the place."""
    thinker = next((name for name in beat.speakers if name in staging.characters), None)
    if thinker:
        if chinese:
            return f"{thinker}没有开口，{beat.emotion or '若有所思'}，目光停在远处。"
        return f"{thinker} says nothing, {beat.emotion or 'lost in thought'}, eyes on something far away."
    if len(staging.characters) == 1 and staging.framing is Framing.MEDIUM_CLOSE_UP:
        listener = staging.characters[0]
        return f"{listener}静静听着，没有开口。" if chinese else f"{listener} listens in silence."
    return _view(staging, setting, chinese)


def _view(staging: Staging, setting: SceneSetting, chinese: bool) -> str:
    view = _place(setting, chinese)
    people = staging.characters
    if chinese:
        return f"{view}的全貌，{'、'.join(people)}的身影在其中显得很小。" if people else f"{view}的全貌。"
    return f"{view}: the whole place" + (f", {', '.join(people)} small within it." if people else ".")


def _place(setting: SceneSetting, chinese: bool) -> str:
    place = setting.scene.place or setting.scene.heading
    when = time_words(setting, "zh" if chinese else "en")
    if not when:
        return place
    return f"{when}，{place}" if chinese else f"{place}, {when}"


def _sides(name: str, setting: SceneSetting, chinese: bool) -> tuple[str, str]:
    """The side of the picture where `name` stands throughout the scene, and the other one."""
    sides = ("左", "右") if chinese else ("left", "right")
    on_right = name in setting.sides and setting.sides.index(name) % 2 == 1
    return (sides[1], sides[0]) if on_right else sides


def _as_sentence(text: str, chinese: bool) -> str:
    bare = text.strip().strip("【】[]（）() ")
    return bare if bare[-1:] in "。！？.!?…" else bare + ("。" if chinese else ".")
