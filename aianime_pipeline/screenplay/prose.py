"""Text with no layout, kept as one scene: an action block for each paragraph. A person or a language model goes on."""

from collections.abc import Callable

from aianime_pipeline.screenplay.characters import language_of, split_lines
from aianime_pipeline.screenplay.fountain_source import joined
from aianime_pipeline.screenplay.model import Block, Notice, Scene, Screenplay, ScreenplayEpisode


def parse_text(text: str) -> Screenplay:
    """One episode with one scene and no place. Never raises: any text is prose."""
    language = language_of(text)
    paragraphs = paragraphs_of(text, every_line=language == "zh")
    blocks = tuple(Block("action", words, line) for line, words in paragraphs)
    line = blocks[0].line if blocks else 1
    scene = Scene(number="1-1", heading="", line=line, place="", blocks=blocks)
    notice = Notice(None, f"kept as one scene of {len(blocks)} paragraphs; its place and its speech are not told apart")
    return Screenplay(None, language, (ScreenplayEpisode(1, None, line, (scene,)),), (notice,))


def paragraphs_of(
    text: str, *, every_line: bool, stands_alone: Callable[[str], bool] = lambda line: False
) -> list[tuple[int, str]]:
    """Paragraphs with the numbers of their first lines. Chinese text ends a paragraph with its line (`every_line`);
    English is often broken at a margin, so a blank line ends it. A line that `stands_alone` is one by itself."""
    found: list[tuple[int, list[str]]] = []
    open_paragraph = False
    for number, line in enumerate(split_lines(text), 1):
        words = line.strip("\ufeff \t\u3000\r\f\v\xa0\x1a")
        if not words:
            open_paragraph = False
            continue
        indented = line[:1] in ("\u3000", "\t") or line.startswith("  ")
        alone = stands_alone(words)
        if open_paragraph and not alone and not every_line and not indented:
            found[-1][1].append(words)
        else:
            found.append((number, [words]))
        open_paragraph = not alone
    return [(number, joined(lines)) for number, lines in found]
