"""How the process gets its memory."""

import ctypes
import platform

# Of malloc.h
M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4
NEVER = -1


def keep_freed_memory() -> bool:
    """Tells glibc to keep freed blocks for the next tensor, whatever their size. True if it will.

    By itself it hands blocks of 32 MiB and more back to the kernel at once, and the next ones arrive as new
    pages, each zeroed at its first touch: a tenth of an epoch on the article's graph, a third on the MPD's.
    The price is a higher peak, of blocks that no longer fit. Does nothing with another C library.
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    mallopt = ctypes.CDLL(None).mallopt
    return bool(mallopt(M_MMAP_MAX, 0) and mallopt(M_TRIM_THRESHOLD, NEVER))
