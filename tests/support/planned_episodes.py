"""Two short episodes of a screenplay, as data: what a storyboard is planned from in tests."""

from aianime_pipeline.screenplay.model import Block, CastEntry, Scene, ScreenplayEpisode


def ferry_episode() -> ScreenplayEpisode:
    """Chinese, four scenes: an exchange of two, a flashback, a crowd, narration, and one long speech."""
    crossing = Scene(
        number="3-1",
        heading="3-1，清晨，外，青石渡口",
        line=2,
        place="青石渡口",
        time_text="清晨",
        time_of_day="dawn",
        interior="ext",
        cast=(CastEntry("林夏"), CastEntry("沈渡"), CastEntry("船工", 2)),
        blocks=(
            Block("action", "晨雾压着河面，一只空船慢慢漂近渡口。林夏提着灯走上石阶，裙摆被露水打湿。", 4),
            Block("dialogue", "你听见了吗？", 5, "林夏", "压低声音"),
            Block("dialogue", "水声而已，雾里听什么都像人在喊。", 6, "沈渡"),
            Block("dialogue", "不是水声，是铃。我爹船头那只铜铃。", 7, "林夏"),
            Block("closeup", "船头的铜铃轻轻晃动，却没有一点声音。", 8),
            Block("dialogue", "别过去！那船上没有人！", 9, "沈渡", "惊恐"),
            Block("action", "林夏甩开沈渡的手，冲下石阶。", 10),
            Block("action", "她跳上船，船身猛地一沉。", 11),
        ),
    )
    boat = Scene(
        number="3-2",
        heading="3-2，清晨，内，空船船舱",
        line=13,
        place="空船船舱",
        time_text="清晨",
        time_of_day="dawn",
        interior="int",
        cast=(CastEntry("林夏"),),
        blocks=(
            Block("action", "舱里堆着潮湿的渔网，角落里放着一只木匣。", 15),
            Block("os", "这匣子我认得，十年前爹出门时，就抱在怀里。", 16, "林夏"),
            Block("closeup", "匣盖上刻着一个歪歪扭扭的“夏”字。", 17),
            Block("direction", "【闪回】", 18),
        ),
    )
    memory = Scene(
        number="3-3",
        heading="3-3，夜，内，林家旧屋",
        line=20,
        place="林家旧屋",
        time_text="夜",
        time_of_day="night",
        interior="int",
        cast=(CastEntry("林父"), CastEntry("小林夏")),
        blocks=(
            Block("direction", "字幕：十年前", 22),
            Block("action", "油灯下，林父用小刀在匣盖上刻字，小林夏趴在桌边看。", 23),
            Block("dialogue", "爹，你什么时候回来？", 24, "小林夏"),
            Block(
                "dialogue",
                "等渡口的铃再响一次，爹就回来了。你要记住，雾大的时候不要一个人到河边去，不管谁叫你的名字，都不要答应。"
                "要是爹没能回来，你就把这只匣子沉到河心，再也不要打开它。",
                25,
                "林父",
                "笑着",
            ),
            Block("action", "小林夏抬头，眼泪落在刚刻好的字上。", 26),
            Block("direction", "【回到现实】", 27),
        ),
    )
    bank = Scene(
        number="3-4",
        heading="3-4，日，外，青石渡口",
        line=29,
        place="青石渡口",
        time_text="日",
        time_of_day="day",
        interior="ext",
        cast=(CastEntry("林夏"), CastEntry("沈渡"), CastEntry("村民", None)),
        blocks=(
            Block("os", "那天以后，渡口再也没有起过雾。", 31, "旁白"),
            Block("action", "村民们围在岸边，对着空船指指点点。", 32),
            Block("dialogue", "林夏，匣子里是什么？", 33, "沈渡"),
            Block("action", "林夏低头，把匣子抱得更紧。", 34),
            Block("dialogue", "是他的声音。", 35, "林夏", "哽咽"),
            Block("direction", "（铜铃声响起）", 36),
            Block("action", "空船无风自动，缓缓漂向河心，露出船尾一双湿漉漉的脚印。", 37),
            Block("direction", "字幕：未完待续", 38),
        ),
    )
    return ScreenplayEpisode(number=3, title="归来", line=1, scenes=(crossing, boat, memory, bank))


def lighthouse_episode() -> ScreenplayEpisode:
    """English, three scenes."""
    shore = Scene(
        number="1",
        heading="EXT. LIGHTHOUSE - DUSK",
        line=1,
        place="Lighthouse",
        time_text="DUSK",
        time_of_day="dusk",
        interior="ext",
        cast=(CastEntry("Mara"), CastEntry("Tobin")),
        blocks=(
            Block("action", "Waves break under the tower. Mara walks up the path, a coil of rope on her shoulder.", 3),
            Block("dialogue", "You left the lamp on all day.", 5, "Mara"),
            Block("dialogue", "I never lit it.", 7, "Tobin", "quietly"),
            Block("dialogue", "Then who is up there? Tobin! Who is up there!", 9, "Mara", "terrified"),
            Block("closeup", "Tobin's hand closes around the key.", 11),
        ),
    )
    lamp = Scene(
        number="2",
        heading="INT. LAMP ROOM - NIGHT",
        line=13,
        place="Lamp room",
        time_text="NIGHT",
        time_of_day="night",
        interior="int",
        cast=(CastEntry("Mara"), CastEntry("Tobin")),
        blocks=(
            Block("dialogue", "Nobody.", 15, "Tobin"),
            Block("os", "I counted the steps on the way up. There was one more than yesterday.", 17, "Mara"),
            Block("action", "She turns. The door behind them is gone.", 19),
            Block(
                "dialogue",
                "When my grandfather kept this light he wrote every ship into a book, and on the last page there is a "
                "ship that has not come yet. It carries our name. It is due tonight, and I do not think that it is "
                "bringing anybody home.",
                21,
                "Tobin",
            ),
            Block("direction", "CUT TO BLACK", 23),
        ),
    )
    morning = Scene(
        number="3",
        heading="EXT. LIGHTHOUSE - NEXT MORNING",
        line=25,
        place="Lighthouse",
        time_text="NEXT MORNING",
        time_of_day="dawn",
        interior="ext",
        blocks=(Block("action", "Calm sea. A crowd of villagers looks up at the dark tower.", 27),),
    )
    return ScreenplayEpisode(number=1, title="The Last Page", line=1, scenes=(shore, lamp, morning))
