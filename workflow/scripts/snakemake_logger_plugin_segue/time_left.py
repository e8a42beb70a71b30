"""How long a run still takes, by what its jobs have taken."""

# Of the built-in sample on two cores: seconds of a job, where they are not about those of OTHERS, and how
# many cores it takes at most. They say how rules compare until a job of each has ended.
USUAL = {
    "train_model": (20.0, 8),
    "map_playlists": (45.0, 1),
}
OTHERS = (2.0, 1)


class TimeLeft:
    """``jobs``: how many of each rule are to run; ``cores``: to run them on."""

    def __init__(self, jobs: dict[str, int], cores: int) -> None:
        self.waiting = dict(jobs)
        self.cores = cores
        self.took: dict[str, list[float]] = {}

    def ended(self, rule: str, seconds: float, threads: int) -> None:
        """Counts a job of ``rule`` that ran for ``seconds``."""
        self.waiting[rule] = self.waiting.get(rule, 0) - 1
        self.took.setdefault(rule, []).append(seconds * threads)

    def seconds(self, running: float = 0.0) -> float:
        r"""What is left, with ``running`` core seconds of it done by jobs that have not ended.

        .. math:: \frac{1}{c} \Bigl(\sum_r n_r w_r - \text{running}\Bigr)

        with c cores, :math:`n_r` jobs of rule r that have not ended, and :math:`w_r` the mean core seconds of
        those that have; where none has, what USUAL says, times what the others took of what it says of them.
        """
        left = sum(count * self._work(rule) for rule, count in self.waiting.items() if count > 0)
        return max(left - running, 0.0) / self.cores

    def _work(self, rule: str) -> float:
        if took := self.took.get(rule):
            return sum(took) / len(took)
        usual = sum(len(took) * self._usual(rule) for rule, took in self.took.items())
        pace = sum(map(sum, self.took.values())) / usual if usual else 1.0
        return self._usual(rule) * pace

    def _usual(self, rule: str) -> float:
        seconds, cores = USUAL.get(rule, OTHERS)
        return seconds * min(cores, self.cores)


def words(seconds: float) -> str:
    """As people say it: 21 s, 4 min, 2 h 05 min."""
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"
