"""``formcoach live``."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from formcoach.cli.options import ExerciseOption, LegChoice
from formcoach.errors import FormCoachError, UsageError
from formcoach.libraries import explained_imports


class LiveModel(StrEnum):
    """Pose models that can be asked for."""

    AUTO = "auto"
    LITE = "lite"
    FULL = "full"
    HEAVY = "heavy"


class VoiceChoice(StrEnum):
    """What speaks."""

    CUES = "cues"
    SYSTEM = "system"
    OFF = "off"


SourceOption = Annotated[
    str,
    typer.Option(
        "--source",
        help="A camera's number or part of its name, the address of a stream, or a file that is played.",
        metavar="0|NAME|URL|FILE",
    ),
]
LiveLegOption = Annotated[
    LegChoice, typer.Option("--leg", help="Leg to stretch; auto: both, beginning with the one nearer to the camera.")
]
SetsOption = Annotated[int, typer.Option("--sets", help="How many sets, 1 to 10.")]
HoldOption = Annotated[
    float | None,
    typer.Option("--hold", help="Seconds to hold, 3 to 120; the exercise's own by default.", metavar="SECONDS"),
]
LiveModelOption = Annotated[
    LiveModel,
    typer.Option("--model", help="Pose model; auto measures this computer and takes the best that it holds."),
]
VoiceOption = Annotated[
    VoiceChoice, typer.Option("--voice", help="cues: the voice in the package; system: your computer's own voice.")
]
MirrorOption = Annotated[bool, typer.Option("--mirror/--no-mirror", help="Show the preview as a mirror does.")]
RecordOption = Annotated[
    bool, typer.Option("--record", help="Keep a video of you, with everything drawn in; else no picture is kept.")
]
NoWindowOption = Annotated[bool, typer.Option("--no-window", help="No window: what is said stands in the terminal.")]
FrontCheckOption = Annotated[
    bool, typer.Option("--front-check/--no-front-check", help="Look at leg and foot from the front before a hold.")
]
FullScreenOption = Annotated[bool, typer.Option("--full-screen", help="Begin with the whole screen.")]


def live(
    source: SourceOption = "0",
    exercise: ExerciseOption = "standing_raised_leg",
    leg: LiveLegOption = LegChoice.AUTO,
    sets: SetsOption = 2,
    hold: HoldOption = None,
    model: LiveModelOption = LiveModel.AUTO,
    voice: VoiceOption = VoiceChoice.CUES,
    mirror: MirrorOption = True,
    record: RecordOption = False,
    no_window: NoWindowOption = False,
    front_check: FrontCheckOption = True,
    full_screen: FullScreenOption = False,
) -> None:
    """Be coached in front of a camera: by voice, hands free, standing side-on, three metres away.

    It helps you to stand where it sees you, takes your own posture as zero, counts the hold while your form is good and
    asks where you felt it. Answer by raising a hand; a hand raised for a second at any other time means "stop, I feel
    it".

    Keys in the window: q or Esc end, space pause, t "I feel it now", b new baseline, n skip, m mute, s snapshot, f full
    screen, 1 to 6 answer.
    """
    with explained_imports():
        from formcoach.folders import data_folder
        from formcoach.live.options import LiveOptions, check_sets, with_hold
        from formcoach.pose.landmarks import Side
        from formcoach.stretch import load_profile

        if full_screen and no_window:
            raise UsageError("--full-screen needs the window that --no-window leaves out: give one of them.")
        options = LiveOptions(
            source=source,
            profile=with_hold(load_profile(exercise), hold),
            folder=data_folder(),
            leg=None if leg is LegChoice.AUTO else Side(leg.value),
            sets=check_sets(sets),
            model=model.value,
            voice=voice.value,
            mirror=mirror,
            record=record,
            window=not no_window,
            front_check=front_check,
            full_screen=full_screen,
        )
        from formcoach.live.engine import PreparedEngine

        # The model loads for a second, mostly outside Python: everything else is loaded meanwhile.
        with PreparedEngine(options.model) as prepared:
            from formcoach.cli.live_session import run_session

            done = run_session(options, prepared)
    if not done:
        raise typer.Exit(code=FormCoachError.exit_code)
