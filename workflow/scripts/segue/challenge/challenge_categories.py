"""The ten categories of the RecSys Challenge 2018: what is given of a playlist that is to be continued."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Category:
    """``seeds`` tracks are given, the first ones or, where ``at_random``, any; and the title, or not."""

    seeds: int
    title: bool
    at_random: bool = False

    @property
    def name(self) -> str:
        """As in the challenge's description, short: ``title, 25 random``."""
        parts = ["title"] if self.title else []
        if self.seeds:
            parts.append(f"{self.seeds} random" if self.at_random else f"first {self.seeds}")
        return ", ".join(parts) + (" only" if not self.seeds else "")


# By their numbers in the challenge (Zamani et al. 2019, "An Analysis of Approaches Taken in the ACM RecSys
# Challenge 2018 for Automatic Music Playlist Continuation", section 3).
CATEGORIES = {
    1: Category(0, title=True),
    2: Category(1, title=True),
    3: Category(5, title=True),
    4: Category(5, title=False),
    5: Category(10, title=True),
    6: Category(10, title=False),
    7: Category(25, title=True),
    8: Category(25, title=True, at_random=True),
    9: Category(100, title=True),
    10: Category(100, title=True, at_random=True),
}
