"""The few kinds of error that are shown to people: where, what was found, what was expected, how to mend it."""

from __future__ import annotations


class HatangsoError(Exception):
    """Ours. Its text is a Vietnamese sentence fit to be shown; the command line prints it without a traceback."""

    exit_code = 2


class InputError(HatangsoError, ValueError):
    """Something given from outside cannot be used.

    Parameters
    ----------
    where : what is at fault, as a person would point at it ("Bảng 'stations', dòng 17, cột height_m")
    found : what stands there
    expected : what should stand there
    remedy : what to do about it
    """

    def __init__(self, where: str, *, found: str = "", expected: str = "", remedy: str = "") -> None:
        self.where, self.found, self.expected, self.remedy = where, found, expected, remedy
        sentence = where
        if found:
            sentence += f": {found}"
        if expected:
            sentence += f"; cần {expected}"
        sentence = sentence.rstrip(". ") + "."
        if remedy:
            sentence += f" {remedy.rstrip('. ')}."
        super().__init__(sentence)


class ManyInputErrors(HatangsoError, ValueError):
    """All faults of one input, collected so that they are mended in one go.

    ``errors`` holds every :class:`InputError`; the text shows the first ``shown``.
    """

    def __init__(self, errors: list[InputError], *, shown: int = 20) -> None:
        self.errors = errors
        lines = [f"Có {len(errors)} lỗi trong dữ liệu vào:"]
        lines += [f"  - {error}" for error in errors[:shown]]
        if len(errors) > shown:
            lines.append(f"  … và {len(errors) - shown} lỗi nữa.")
        super().__init__("\n".join(lines))


class InfeasibleError(HatangsoError):
    """A problem that no answer can satisfy; ``reasons`` names the rows that make it so."""

    def __init__(self, sentence: str, reasons: list[str] | None = None) -> None:
        self.reasons = reasons or []
        super().__init__("\n".join([sentence, *(f"  - {reason}" for reason in self.reasons[:50])]))


class CancelledError(HatangsoError):
    """The person asked to stop; what was done so far is kept and can be resumed where the verb says so."""

    exit_code = 130
