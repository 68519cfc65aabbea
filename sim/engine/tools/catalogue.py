"""Packages that apt-get and apk know: how many files each has, and how large it is.

apt's numbers were read off Debian 12's packages on 2026-11-24 (dpkg-deb -c), and the package lists off
/var/lib/apt/lists after `apt-get update`; vim's files are those of the measured image (`sim.image.recipes`, layer vim).
apk's numbers are modelled. The files of a package are its programs under their names, and as many made-up ones as it
really has.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Package:
    """One package.

    Attributes
    ----------
    name, version : str
    download : int
        Bytes of the archive.
    files, size : int
        How many regular files it has, and the sum of their sizes.
    programs : tuple of str
        Paths of programs in it.
    needs : tuple of str
        Other packages of this catalogue.
    """

    name: str
    version: str
    download: int
    files: int
    size: int
    programs: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


_CURL = ("libcurl4", "libnghttp2-14", "librtmp1", "libssh2-1", "libpsl5", "libldap-2.5-0", "libsasl2-2",
         "libsasl2-modules-db", "libbrotli1")
APT = {one.name: one for one in (
    Package("curl", "7.88.1-10+deb12u15", 315_764, 6, 485_406, ("usr/bin/curl",), _CURL),
    Package("libcurl4", "7.88.1-10+deb12u15", 392_184, 4, 842_336),
    Package("libnghttp2-14", "1.52.0-1+deb12u3", 72_404, 5, 203_258),
    Package("librtmp1", "2.4+20151223.gitfa8646d.1-2+b2", 60_824, 5, 132_302),
    Package("libssh2-1", "1.10.0-3+deb12u1", 175_976, 6, 341_541),
    Package("libpsl5", "0.21.2-1", 58_684, 4, 83_046),
    Package("libldap-2.5-0", "2.5.13+dfsg-5", 183_248, 7, 519_705),
    Package("libsasl2-2", "2.1.28+dfsg-10+deb12u1", 59_908, 6, 154_207),
    Package("libsasl2-modules-db", "2.1.28+dfsg-10+deb12u1", 20_524, 4, 66_290),
    Package("libbrotli1", "1.0.9-2+deb12u1", 274_704, 6, 779_090),
    Package("ca-certificates", "20250419~deb12u2", 160_948, 165, 259_747, ("usr/sbin/update-ca-certificates",),
            ("openssl",)),
    Package("openssl", "3.0.22-1~deb12u2", 1_441_784, 207, 2_147_082, ("usr/bin/openssl", "usr/bin/c_rehash")),
    Package("wget", "1.21.3-1+deb12u1", 937_340, 89, 3_462_204, ("usr/bin/wget",), ("libpsl5",)),
    Package("nano", "7.2-1+deb12u1", 689_556, 104, 2_714_270, ("usr/bin/nano",), ("libncursesw6",)),
    Package("procps", "2:4.0.2-3", 708_712, 149, 1_970_927,
            ("usr/bin/ps", "usr/bin/kill", "usr/bin/free", "usr/bin/pgrep", "usr/bin/top", "usr/bin/uptime"),
            ("libproc2-0", "libncursesw6")),
    Package("libproc2-0", "2:4.0.2-3", 62_804, 5, 223_285),
    Package("libncursesw6", "6.4-4", 133_824, 4, 374_488),
    Package("iputils-ping", "3:20221126-1+deb12u1", 47_172, 6, 106_980, ("usr/bin/ping",)),
    Package("net-tools", "2.10-0.1+deb12u2", 243_404, 54, 938_951,
            ("usr/bin/netstat", "usr/sbin/ifconfig", "usr/sbin/route", "usr/sbin/arp")),
    Package("less", "590-2.1~deb12u2", 132_044, 14, 295_732, ("usr/bin/less", "usr/bin/lesskey")),
    Package("tree", "2.1.0-1", 52_464, 7, 103_696, ("usr/bin/tree",)),
    Package("vim", "2:9.1.0016-1ubuntu7", 1_881_464, 0, 0, (), ("libgpm2", "libsodium23", "vim-common", "vim-runtime")),
    Package("vim-common", "2:9.1.0016-1ubuntu7", 385_700, 0, 0),
    Package("vim-runtime", "2:9.1.0016-1ubuntu7", 7_281_196, 0, 0),
    Package("libgpm2", "1.20.7-11", 14_086, 0, 0),
    Package("libsodium23", "1.0.18-1build3", 161_486, 0, 0),
)}  # fmt: skip
VIM = {"vim", "vim-common", "vim-runtime", "libgpm2", "libsodium23"}
"""Their files come together, from the measured layer."""

LISTS = (
    ("security_InRelease", 34_770), ("security_main_binary-amd64_Packages.lz4", 763_339),
    ("updates_InRelease", 55_403), ("updates_main_binary-amd64_Packages.lz4", 11_648),
    ("InRelease", 151_075), ("main_binary-amd64_Packages.lz4", 18_840_233),
)
"""Files that `apt-get update` leaves in /var/lib/apt/lists, with their sizes."""

APK = {one.name: one for one in (
    Package("vim", "9.0.2073-r0", 2_100_000, 32, 2_740_000, ("usr/bin/vim", "usr/bin/xxd"),
            ("vim-common", "ncurses-libs", "ncurses-terminfo-base")),
    Package("vim-common", "9.0.2073-r0", 4_700_000, 1_560, 23_700_000),
    Package("ncurses-libs", "6.4_p20230506-r0", 144_000, 8, 308_000),
    Package("ncurses-terminfo-base", "6.4_p20230506-r0", 20_000, 44, 221_000),
    Package("curl", "8.12.1-r0", 128_000, 2, 262_000, ("usr/bin/curl",), ("ca-certificates", "libcurl")),
    Package("libcurl", "8.12.1-r0", 280_000, 2, 582_000, (), ("brotli-libs", "nghttp2-libs")),
    Package("brotli-libs", "1.0.9-r14", 380_000, 6, 845_000),
    Package("nghttp2-libs", "1.57.0-r0", 74_000, 2, 172_000),
    Package("ca-certificates", "20240226-r0", 148_000, 140, 552_000, ("usr/sbin/update-ca-certificates",)),
    Package("nano", "7.2-r1", 250_000, 54, 628_000, ("usr/bin/nano",), ("ncurses-libs", "ncurses-terminfo-base")),
    Package("tree", "2.1.1-r0", 26_000, 1, 61_000, ("usr/bin/tree",)),
    Package("bash", "5.2.15-r5", 460_000, 4, 1_290_000, ("bin/bash",), ("ncurses-libs", "ncurses-terminfo-base")),
)}  # fmt: skip
APK_INDEXES = (("APKINDEX.b53994b4.tar.gz", 623_000), ("APKINDEX.d9b32a1d.tar.gz", 1_340_000))


def closure(catalogue: dict[str, Package], names: list[str]) -> list[Package]:
    """Return packages with all that they need, each once, those that others need first.

    Examples
    --------
    >>> [one.name for one in closure(APT, ["nano"])]
    ['libncursesw6', 'nano']
    """
    found: dict[str, Package] = {}

    def add(name: str) -> None:
        if name not in found and name in catalogue:
            for needed in catalogue[name].needs:
                add(needed)
            found[name] = catalogue[name]

    for name in names:
        add(name)
    return list(found.values())
