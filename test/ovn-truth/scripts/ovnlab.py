"""ovnlab.py - real OVN/OVS in network namespaces of its own, for measurements on the wire.

One namespace per emulated node with its own ovsdb-server, ovs-vswitchd (userspace datapath) and
ovn-controller; one central NB/SB pair with ovn-northd; Geneve over an underlay bridge; the machine
network is a Linux bridge (br-wire) that joins every node's br-ex with external hosts.
The logical topology follows OVN-Kubernetes (shared gateway, one zone).

Environment: OVN_ROOT=<folder with an unpacked newer Debian release> uses those binaries through their own
loader instead of the installed ones;  OVN_OUT=<folder> captures and logs;  OVN_EXPECT=<folder> result files.
"""
import atexit, ctypes, glob, json, os, re, shutil, signal, socket, struct, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
for _p in (HERE, os.path.join(HERE, "..")):
    if os.path.exists(os.path.join(_p, "gt.py")):
        GTDIR = os.path.abspath(_p)
        break
sys.path.insert(0, GTDIR)
import gt as gtmod  # noqa: E402  capture parser and normaliser of the kernel ground truth

ROOT = os.environ.get("OVN_ROOT", "")
PREFIX = os.environ.get("OVN_PREFIX", "ovnw")
NET = "192.168.50."
EXT = {"N1": NET + "11", "N2": NET + "12", "N3": NET + "13", "RTR": NET + "1", "DB": NET + "100", "DB2": NET + "101",
       "EIP": NET + "201", "EIP2": NET + "202", "FREE": NET + "77", "FREE2": NET + "78"}
EXT6 = {"N1v6": "fd50::11", "N2v6": "fd50::12", "N3v6": "fd50::13", "RTRv6": "fd50::1", "DBv6": "fd50::100",
        "EIPv6": "fd50::201", "EIP2v6": "fd50::202"}
MACS = {"N1": "02:00:00:00:50:11", "N2": "02:00:00:00:50:12", "N3": "02:00:00:00:50:13",
        "RTR": "02:00:00:00:50:01", "DB": "02:00:00:00:50:64", "DB2": "02:00:00:00:50:65", "X": "02:00:00:00:00:99"}
PODS = {"P1": ("n1", 5), "P2": ("n1", 6), "P3": ("n2", 5), "P4": ("n2", 6)}


def prog(name):
    if not ROOT:
        return [name]
    lib = ROOT + "/usr/lib/x86_64-linux-gnu"
    for d in ("/usr/bin/", "/usr/sbin/", "/usr/lib/openvswitch-switch/"):
        if os.path.exists(ROOT + d + name):
            return [lib + "/ld-linux-x86-64.so.2", "--library-path", lib, ROOT + d + name]
    raise SystemExit("no %s below %s" % (name, ROOT))


def version(name):
    out = subprocess.run(prog(name) + ["--version"], capture_output=True, text=True).stdout.split("\n")[0]
    return out.split()[-1]


def vtuple():
    return tuple(int(x) for x in version("ovn-controller").split("."))


def garp_times():
    """seconds from the change to each gratuitous ARP"""
    return [1, 2, 4, 8, 16] if vtuple() >= (23, 3, 3) else [1, 3, 7, 15, 31]


def quiet():
    """seconds until the default series is over"""
    return garp_times()[-1] + 2


def mac58(ip):
    return "0a:58:" + ":".join("%02x" % int(x) for x in ip.split("."))


# ---------------------------------------------------------------- IPv6 for the parser of gt.py
_pf = gtmod.parse_frame


def parse_frame(t, b, label, olen):
    f = _pf(t, b, label, olen)
    et = struct.unpack("!H", b[12:14])[0]
    if et == 0x8035:
        op = struct.unpack("!H", b[20:22])[0]
        f.update(kind="rarp", op=op, sha=gtmod.b2mac(b[22:28]), spa=gtmod.b2ip(b[28:32]), tha=gtmod.b2mac(b[32:38]), tpa=gtmod.b2ip(b[38:42]))
    elif et == 0x86DD:
        nh, hop = b[20], b[21]
        src, dst = (socket.inet_ntop(socket.AF_INET6, b[i:i + 16]) for i in (22, 38))
        f.update(kind="ip6", src=src, dst=dst, ttl=hop, nh=nh)
        p = b[54:]
        if nh == 0 and len(p) > 8:
            f["hopopt"] = True
            nh, p = p[0], p[8 * (p[1] + 1):]
        if nh == 58 and len(p) >= 8:
            f.update(kind="icmp6", type=p[0], code=p[1])
            if p[0] in (135, 136) and len(p) >= 24:
                f["target"] = socket.inet_ntop(socket.AF_INET6, p[8:24])
                if p[0] == 136:
                    f["naflags"] = "".join(c for c, m in (("R", 128), ("S", 64), ("O", 32)) if p[4] & m)
                o = p[24:]
                while len(o) >= 8 and o[1]:
                    f[{1: "sll", 2: "tll"}.get(o[0], "opt%d" % o[0])] = gtmod.b2mac(o[2:8])
                    o = o[8 * o[1]:]
        elif nh in (6, 17) and len(p) >= 8:
            f["kind"] = {6: "tcp6", 17: "udp6"}[nh]
            f["sport"], f["dport"] = struct.unpack("!HH", p[:4])
            if nh == 6:
                f["flags"] = "".join(c for c, m in (("S", 2), ("F", 1), ("R", 4), ("P", 8), ("A", 16)) if p[13] & m)
    return f


gtmod.parse_frame = parse_frame
N6 = {128: "echo-request", 129: "echo-reply", 133: "router-solicitation", 134: "router-advertisement",
      135: "neighbour-solicitation", 136: "neighbour-advertisement", 143: "mld2-report", 1: "unreachable", 2: "packet-too-big", 3: "time-exceeded"}


class GT(gtmod.GT):
    def ip(self, i):
        return super().ip(i)

    def event(self, f, t0, nd=1):
        k = f["kind"]
        if k == "rarp":
            return {"t": round(f["t"] - t0, nd) + 0.0, "at": f["at"], "kind": k, "l2src": self.mac(f["l2src"]), "l2dst": self.mac(f["l2dst"]),
                    "op": f["op"], "sha": self.mac(f["sha"]), "spa": self.ip(f["spa"]), "tha": self.mac(f["tha"]), "tpa": self.ip(f["tpa"]), "frameLen": f["len"]}
        if k in ("icmp6", "tcp6", "udp6", "ip6"):
            e = {"t": round(f["t"] - t0, nd) + 0.0, "at": f["at"], "kind": k, "l2src": self.mac(f["l2src"]), "l2dst": self.mac(f["l2dst"]),
                 "src": self.ip(f["src"]), "dst": self.ip(f["dst"]), "hopLimit": f["ttl"]}
            for x in ("type", "code", "naflags", "sport", "dport", "flags"):
                if x in f:
                    e[x] = f[x]
            if "target" in f:
                e["target"] = self.ip(f["target"])
            for x in ("sll", "tll"):
                if x in f:
                    e[x] = self.mac(f[x])
            if k == "icmp6":
                e["name"] = N6.get(f["type"], "?")
            return e
        e = super().event(f, t0, nd)
        if k == "arp":
            e["frameLen"] = f["len"]
        return e


# ---------------------------------------------------------------- the lab
class Lab:
    def __init__(self, name, title, nodes=("n1", "n2"), pods=("P1", "P2", "P3"), hosts=("DB", "RTR"), v6=False, limit=170,
                 gwmtu=None, start=None, node_opts=None, gr_opts=None, brex="ovnk", hostfwd=1):
        self.name, self.title, self.v6 = name, title, v6
        self.out = os.path.join(os.environ.get("OVN_OUT", os.path.join(HERE, "out")), name)
        self.expect = os.environ.get("OVN_EXPECT", HERE)
        shutil.rmtree(self.out, ignore_errors=True)
        os.makedirs(self.out)
        self.run = tempfile.mkdtemp(prefix=PREFIX + "-")
        self.socks = {}
        self.procs, self.ns, self.mk = [], [], open(os.path.join(self.out, "marks.jsonl"), "w")
        self.caps, self.ncap, self.nodes, self.podn = [], 0, list(nodes), list(pods)
        self.gwmtu, self.gr_opts, self.brex, self.hostfwd = gwmtu, gr_opts or {}, os.environ.get("OVN_BREX", brex), hostfwd
        open(os.path.join(self.out, "app.jsonl"), "w").close()
        open(os.path.join(self.out, "neigh.jsonl"), "w").close()
        atexit.register(self.cleanup)
        for s in (signal.SIGTERM, signal.SIGINT):
            signal.signal(s, lambda *_: sys.exit(130))

        def late(*_):
            sys.stderr.write("%s: over its time limit\n" % name)
            sys.exit(124)
        signal.signal(signal.SIGALRM, late)
        signal.alarm(limit)
        have = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True).stdout
        if any(l.startswith(PREFIX + "-") for l in have.splitlines()):
            raise SystemExit("namespaces %s-* exist already" % PREFIX)
        self.mark("title", text=title)
        for r, m in MACS.items():
            self.mark("mac", mac=m, role=r)
        for r, i in list(EXT.items()) + (list(EXT6.items()) if v6 else []):
            self.mark("ip", ip=i, role=r)
        self.mark("ip", ip="100.64.0.1", role="JOIN.cluster")
        for n in self.nodes:
            self.mark("ip", ip="100.64.0.%d" % (1 + int(n[1])), role="JOIN." + n.upper())
        for p in self.podn:
            n, h = PODS[p]
            self.mark("ip", ip="10.244.%s.%d" % (n[1], h), role=p)
            self.mark("mac", mac=mac58("10.244.%s.%d" % (n[1], h)), role=p)
        for n in self.nodes:
            self.mark("ip", ip="10.244.%s.1" % n[1], role="GW." + n.upper())
            self.mark("mac", mac=mac58("10.244.%s.1" % n[1]), role="GW." + n.upper())
        self.switch()
        for h in hosts:
            self.host(h)
        if "RTR" in hosts:
            self.x("RTR", "sysctl", "-qw", "net.ipv4.ip_forward=1")
            self.ip("RTR", "addr", "add", "203.0.113.5/32", "dev", "lo")
            self.mark("ip", ip="203.0.113.5", role="WEB")
        self.central()
        for n in self.nodes:
            self.node(n, (node_opts or {}))
        self.logical()
        if start:
            start(self)
        for n in self.nodes:
            self.controller(n)
        for p in self.podn:
            self.pod(p)
        if self.brex == "ovnk":
            for n in self.nodes:
                self.brex_flows(n)

    # -- plumbing
    def nsn(self, h):
        return "%s-%s" % (PREFIX, h)

    def mark(self, typ, **kw):
        self.mk.write(json.dumps(dict({"t": time.time(), "type": typ}, **kw)) + "\n")
        self.mk.flush()

    def sh(self, *a, check=True, env=None, timeout=60):
        r = subprocess.run(list(a), capture_output=True, text=True, env=env, timeout=timeout)
        if check and r.returncode:
            raise SystemExit("failed: %s\n%s%s" % (" ".join(a), r.stdout, r.stderr))
        return r.stdout

    def x(self, h, *a, check=True, timeout=60):
        return self.sh("ip", "netns", "exec", self.nsn(h), *a, check=check, timeout=timeout)

    def ip(self, h, *a, check=True):
        return self.sh("ip", "-n", self.nsn(h), *a, check=check)

    def bg(self, h, *a, out=None, env=None):
        fh = open(out or os.path.join(self.out, "stderr.txt"), "w" if out else "a")
        pre = ["ip", "netns", "exec", self.nsn(h)] if h else []
        p = subprocess.Popen(pre + list(a), stdout=fh, stderr=subprocess.STDOUT, env=env)
        fh.close()
        self.procs.append(p)
        return p

    def mkns(self, h):
        n = self.nsn(h)
        self.sh("ip", "netns", "add", n)
        self.ns.append(n)
        self.ip(h, "link", "set", "lo", "up")
        d = "0" if self.v6 and (h in ("DB", "RTR") or h in PODS) else "1"
        self.x(h, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=" + d, "net.ipv6.conf.default.disable_ipv6=" + d)

    def nooff(self, h, dev):
        self.x(h, "ethtool", "-K", dev, "tx", "off", "rx", "off", "sg", "off", "tso", "off", "gso", "off", "gro", "off", check=False)

    def mute(self, h, dev):
        """a port of the userspace datapath: the namespace's own stack must not see the frames too (packet sockets get them earlier)"""
        self.x(h, "nft", "add table netdev m_%s; add chain netdev m_%s i { type filter hook ingress device %s priority 0; policy drop; }" %
               (dev.replace("-", "_"), dev.replace("-", "_"), dev))

    def switch(self):
        self.mkns("sw")
        for b in ("br-wire", "br-und"):
            self.ip("sw", "link", "add", b, "type", "bridge", "stp_state", "0", "forward_delay", "0", "mcast_snooping", "0")
            self.ip("sw", "link", "set", b, "up", "promisc", "on")

    def veth(self, h, dev, br, mac=None, peer=None):
        peer = peer or ("%s-%s" % (h, dev)).lower()
        self.ip("sw", "link", "add", peer, "type", "veth", "peer", "name", dev, "netns", self.nsn(h))
        if mac:
            self.ip(h, "link", "set", dev, "address", mac)
        self.nooff(h, dev)
        self.nooff("sw", peer)
        self.ip("sw", "link", "set", peer, "master", br, "up")
        self.ip(h, "link", "set", dev, "up")

    def host(self, h):
        self.mkns(h)
        self.veth(h, "eth0", "br-wire", MACS[h])
        self.ip(h, "addr", "add", EXT[h] + "/24", "dev", "eth0")
        if h != "RTR":
            self.ip(h, "route", "add", "default", "via", EXT["RTR"])
        if self.v6:
            self.ip(h, "addr", "add", EXT6[h + "v6"] + "/64", "dev", "eth0", "nodad")

    def env(self, h):
        e = dict(os.environ)
        d = "%s/%s" % (self.run, h)
        e.update(OVS_RUNDIR=d, OVN_RUNDIR=d, OVS_DBDIR=d, OVN_DBDIR=d, OVS_LOGDIR=d, OVN_LOGDIR=d, OVS_SYSCONFDIR=d)
        return e

    def share(self, w):
        return ROOT + "/usr/share/" + w

    def wait(self, what, fn, limit=20.0):
        end = time.time() + limit
        while time.time() < end:
            if fn():
                return
            time.sleep(0.05)
        raise SystemExit("%s: %s did not come up" % (self.name, what))

    def db(self, h, schema, sock):
        d = "%s/%s" % (self.run, h)
        f = "%s/%s.db" % (d, sock)
        self.sh(*prog("ovsdb-tool"), "create", f, self.share(schema))
        self.bg(h if h in self.nodes else None, *prog("ovsdb-server"), f, "--remote=punix:%s/%s.sock" % (d, sock), "--unixctl=%s/%s.ctl" % (d, sock),
                "--log-file=%s/%s.log" % (d, sock), "-vconsole:off", env=self.env(h))
        self.wait(sock, lambda: os.path.exists("%s/%s.sock" % (d, sock)))

    def central(self):
        d = self.run + "/central"
        os.makedirs(d)
        self.db("central", "ovn/ovn-nb.ovsschema", "nb")
        self.db("central", "ovn/ovn-sb.ovsschema", "sb")
        self.NB, self.SB = "unix:%s/nb.sock" % d, "unix:%s/sb.sock" % d
        self.northd = self.bg(None, *prog("ovn-northd"), "--ovnnb-db=" + self.NB, "--ovnsb-db=" + self.SB, "--unixctl=%s/northd.ctl" % d,
                              "--log-file=%s/northd.log" % d, "-vconsole:off", env=self.env("central"))
        self.nb("init")
        self.sb("init")

    def nb(self, *a, wait=None, check=True):
        w = ["--wait=" + wait] if wait else []
        return self.sh(*prog("ovn-nbctl"), "--db=" + self.NB, "--timeout=30", *w, *a, check=check, env=self.env("central"))

    def sb(self, *a, check=True):
        return self.sh(*prog("ovn-sbctl"), "--db=" + self.SB, "--timeout=20", *a, check=check, env=self.env("central"))

    def vs(self, n, *a, check=True):
        return self.sh(*prog("ovs-vsctl"), "--db=unix:%s/%s/db.sock" % (self.run, n), "--timeout=20", *a, check=check, env=self.env(n))

    def appctl(self, n, *a, target="ovs-vswitchd", check=False):
        t = {"ovs-vswitchd": "vswitchd.ctl", "ovn-controller": "ovn-controller.*.ctl"}[target]
        t = sorted(glob.glob("%s/%s/%s" % (self.run, n, t)), key=os.path.getmtime)[-1]
        return self.sh(*prog("ovs-appctl"), "-t", t, *a, check=check, env=self.env(n))

    def of(self, n, *a, check=False):
        return self.sh(*prog("ovs-ofctl"), *a, check=check, env=self.env(n))

    def node(self, n, opts):
        i = n[1]
        self.mkns(n)
        d = "%s/%s" % (self.run, n)
        os.makedirs(d)
        self.veth(n, "eth0", "br-wire", MACS[n.upper()])
        self.veth(n, "und0", "br-und")
        self.mute(n, "eth0")
        self.mute(n, "und0")
        self.db(n, "openvswitch/vswitch.ovsschema", "db")
        self.vs(n, "--no-wait", "init")
        self.vs(n, "--no-wait", "set", "open", ".", "external_ids:system-id=" + n, "external_ids:hostname=" + n, "external_ids:ovn-remote=" + self.SB,
                "external_ids:ovn-encap-type=geneve", "external_ids:ovn-encap-ip=172.31.0.1" + i, "external_ids:ovn-bridge-mappings=physnet:br-ex",
                "external_ids:ovn-bridge-datapath-type=netdev", "external_ids:ovn-monitor-all=true", "external_ids:ovn-enable-lflow-cache=true",
                "external_ids:ovn-ofctrl-wait-before-clear=0", *["external_ids:%s=%s" % kv for kv in opts.items()])
        self.bg(n, *prog("ovs-vswitchd"), "unix:%s/db.sock" % d, "--unixctl=%s/vswitchd.ctl" % d, "--log-file=%s/vswitchd.log" % d, "-vconsole:off",
                env=self.env(n))
        self.vs(n, "add-br", "br-int", "--", "set", "bridge", "br-int", "datapath_type=netdev", "fail_mode=secure", "other-config:disable-in-band=true",
                "--", "add-br", "br-ex", "--", "set", "bridge", "br-ex", "datapath_type=netdev", "other-config:hwaddr=\"%s\"" % MACS[n.upper()],
                "--", "add-port", "br-ex", "eth0",
                "--", "add-br", "br-und", "--", "set", "bridge", "br-und", "datapath_type=netdev", "--", "add-port", "br-und", "und0")
        self.ip(n, "addr", "add", "172.31.0.1%s/24" % i, "dev", "br-und")
        self.ip(n, "link", "set", "br-und", "up")
        if self.brex == "ovnk":              # the host shares address and MAC with the gateway router's external port
            self.x(n, "sysctl", "-qw", "net.ipv4.ip_forward=%d" % self.hostfwd)
            self.ip(n, "addr", "add", EXT[n.upper()] + "/24", "dev", "br-ex")
            self.ip(n, "link", "set", "br-ex", "up")
            self.ip(n, "route", "add", "default", "via", EXT["RTR"])
            if self.v6:
                self.x(n, "sysctl", "-qw", "net.ipv6.conf.br-ex.disable_ipv6=0")
                self.ip(n, "addr", "add", EXT6[n.upper() + "v6"] + "/64", "dev", "br-ex", "nodad")

    def brex_flows(self, n):
        """what OVN-Kubernetes puts into br-ex in shared gateway mode, as far as egress traffic is concerned"""
        patch = "patch-br-ex_%s-to-br-int" % n
        port = lambda i: self.vs(n, "get", "interface", i, "ofport", check=False).strip()
        self.wait("patch port of " + n, lambda: port(patch).isdigit() and port(patch) != "0")
        P, E, M, sub = port(patch), port("eth0"), MACS[n.upper()], "10.244.%s.0/24" % n[1]
        fl = ["priority=0,actions=NORMAL",
              "priority=10,in_port=%s,dl_dst=%s,actions=LOCAL,output:%s" % (E, M, P),
              "priority=10,in_port=%s,dl_src=%s,actions=NORMAL" % (P, M),
              "priority=9,in_port=%s,actions=drop" % P,
              "priority=109,in_port=%s,dl_src=%s,ip,nw_src=%s,actions=ct(commit,zone=64000,exec(set_field:0x1->ct_mark)),output:%s" % (P, M, sub, E),
              "priority=104,in_port=%s,ip,nw_src=10.244.0.0/16,actions=drop" % P,
              "priority=100,in_port=%s,dl_src=%s,ip,actions=ct(commit,zone=64000,exec(set_field:0x1->ct_mark)),output:%s" % (P, M, E),
              "priority=100,in_port=LOCAL,ip,actions=ct(commit,zone=64000,exec(set_field:0x2->ct_mark)),output:%s" % E,
              "priority=50,in_port=%s,ip,actions=ct(zone=64000,nat,table=1)" % E,
              "table=1,priority=10,dl_dst=%s,actions=LOCAL" % M, "table=1,priority=0,actions=NORMAL"]
        for st in ("+trk+est", "+trk+rel"):
            fl += ["table=1,priority=100,ip,ct_state=%s,ct_mark=0x1,actions=output:%s" % (st, P), "table=1,priority=100,ip,ct_state=%s,ct_mark=0x2,actions=LOCAL" % st]
        if self.v6:
            fl += ["priority=104,in_port=%s,ipv6,ipv6_src=fd10::/16,actions=drop" % P,
                   "priority=100,in_port=%s,dl_src=%s,ipv6,actions=ct(commit,zone=64000,exec(set_field:0x1->ct_mark)),output:%s" % (P, M, E),
                   "priority=100,in_port=LOCAL,ipv6,actions=ct(commit,zone=64000,exec(set_field:0x2->ct_mark)),output:%s" % E,
                   "priority=50,in_port=%s,ipv6,actions=ct(zone=64000,nat,table=1)" % E,
                   "table=1,priority=14,icmp6,icmp_type=134,actions=FLOOD", "table=1,priority=14,icmp6,icmp_type=136,actions=FLOOD"]
            for st in ("+trk+est", "+trk+rel"):
                fl += ["table=1,priority=100,ipv6,ct_state=%s,ct_mark=0x1,actions=output:%s" % (st, P), "table=1,priority=100,ipv6,ct_state=%s,ct_mark=0x2,actions=LOCAL" % st]
        f = "%s/%s/br-ex.flows" % (self.run, n)
        with open(f, "w") as fh:
            fh.write("\n".join(fl) + "\n")
        self.of(n, "-O", "OpenFlow13", "replace-flows", "br-ex", f, check=True)

    def controller(self, n):
        d = "%s/%s" % (self.run, n)
        p = self.bg(n, *prog("ovn-controller"), "unix:%s/db.sock" % d, "--log-file=%s/controller.log" % d, "-vconsole:off", env=self.env(n))
        setattr(self, "ctl_" + n, p)
        return p

    def pod(self, p):
        n, h = PODS[p]
        ip = "10.244.%s.%d" % (n[1], h)
        self.mkns(p)
        v = p.lower() + "-v"
        self.ip(n, "link", "add", v, "type", "veth", "peer", "name", "eth0", "netns", self.nsn(p))
        self.ip(p, "link", "set", "eth0", "address", mac58(ip), "mtu", "1400")
        self.nooff(p, "eth0")
        self.nooff(n, v)
        self.mute(n, v)
        self.ip(n, "link", "set", v, "up")
        self.ip(p, "link", "set", "eth0", "up")
        self.ip(p, "addr", "add", ip + "/24", "dev", "eth0")
        self.ip(p, "route", "add", "default", "via", "10.244.%s.1" % n[1])
        if self.v6:
            self.ip(p, "addr", "add", "fd10:%s::%d/64" % (n[1], h), "dev", "eth0", "nodad")
            self.ip(p, "-6", "route", "add", "default", "via", "fd10:%s::1" % n[1])
        self.vs(n, "add-port", "br-int", v, "--", "set", "interface", v, "external_ids:iface-id=" + p)

    # -- logical topology (as OVN-Kubernetes builds it; shared gateway, one zone)
    def logical(self):
        c = ["lr-add", "ovn_cluster_router", "--", "ls-add", "join",
             "--", "lrp-add", "ovn_cluster_router", "rtoj-cluster", "0a:58:64:40:00:01", "100.64.0.1/16", *(["fd98::1/64"] if self.v6 else []),
             "--", "lsp-add", "join", "jtor-cluster", "--", "lsp-set-type", "jtor-cluster", "router", "--", "lsp-set-addresses", "jtor-cluster", "router",
             "--", "lsp-set-options", "jtor-cluster", "router-port=rtoj-cluster"]
        for pr in ("ip4.src == 10.244.0.0/16 && ip4.dst == 10.244.0.0/16", "ip4.src == 10.244.0.0/16 && ip4.dst == 100.64.0.0/16"):
            c += ["--", "lr-policy-add", "ovn_cluster_router", "102", pr, "allow"]
        self.nb(*c)
        for n in self.nodes:
            i = n[1]
            N = n.upper()
            gr, join, ext, mac = "GR_" + n, "100.64.0.%d" % (1 + int(i)), EXT[N], MACS[N]
            opts = {"chassis": n, "always_learn_from_arp_request": "false", "dynamic_neigh_routers": "true", "lb_force_snat_ip": "router_ip",
                    "mac_binding_age_threshold": "300", "snat-ct-zone": "0"}
            opts.update(self.gr_opts)
            o = ["options:%s=%s" % kv for kv in opts.items()]
            c = ["ls-add", n, "--", "lrp-add", "ovn_cluster_router", "rtos-" + n, mac58("10.244.%s.1" % i), "10.244.%s.1/24" % i,
                 *(["fd10:%s::1/64" % i] if self.v6 else []),
                 "--", "lrp-set-gateway-chassis", "rtos-" + n, n, "1",
                 "--", "lsp-add", n, "stor-" + n, "--", "lsp-set-type", "stor-" + n, "router", "--", "lsp-set-addresses", "stor-" + n, "router",
                 "--", "lsp-set-options", "stor-" + n, "router-port=rtos-" + n,
                 "--", "lr-add", gr, "--", "set", "logical_router", gr, *o,
                 "--", "lrp-add", gr, "rtoj-" + gr, mac58(join), join + "/16", *(["fd98::%d/64" % (1 + int(i))] if self.v6 else []),
                 "--", "lsp-add", "join", "jtor-" + gr, "--", "lsp-set-type", "jtor-" + gr, "router", "--", "lsp-set-addresses", "jtor-" + gr, "router",
                 "--", "lsp-set-options", "jtor-" + gr, "router-port=rtoj-" + gr,
                 "--", "lrp-add", gr, "rtoe-" + gr, mac, ext + "/24", *([EXT6[N + "v6"] + "/64"] if self.v6 else []),
                 "--", "ls-add", "ext_" + n,
                 "--", "lsp-add", "ext_" + n, "br-ex_" + n, "--", "lsp-set-type", "br-ex_" + n, "localnet", "--", "lsp-set-addresses", "br-ex_" + n, "unknown",
                 "--", "lsp-set-options", "br-ex_" + n, "network_name=physnet",
                 "--", "lsp-add", "ext_" + n, "etor-" + gr, "--", "lsp-set-type", "etor-" + gr, "router", "--", "lsp-set-addresses", "etor-" + gr, mac,
                 "--", "lsp-set-options", "etor-" + gr, "router-port=rtoe-" + gr, "nat-addresses=router", "exclude-lb-vips-from-garp=true",
                 "--", "lr-route-add", gr, "10.244.0.0/16", "100.64.0.1", "--", "lr-route-add", gr, "0.0.0.0/0", EXT["RTR"], "rtoe-" + gr,
                 "--", "lr-route-add", "ovn_cluster_router", join, join,
                 "--", "--policy=src-ip", "lr-route-add", "ovn_cluster_router", "10.244.%s.0/24" % i, join,
                 "--", "lr-nat-add", gr, "snat", ext, "10.244.0.0/16", "--", "lr-nat-add", gr, "snat", ext, join,
                 "--", "lr-policy-add", "ovn_cluster_router", "102", "ip4.src == 10.244.0.0/16 && ip4.dst == %s" % ext, "allow"]
            if self.v6:
                c += ["--", "lr-route-add", gr, "fd10::/16", "fd98::1", "--", "lr-route-add", gr, "::/0", EXT6["RTRv6"], "rtoe-" + gr,
                      "--", "--policy=src-ip", "lr-route-add", "ovn_cluster_router", "fd10:%s::/64" % i, "fd98::%d" % (1 + int(i)),
                      "--", "lr-nat-add", gr, "snat", EXT6[N + "v6"], "fd10::/16"]
            if self.gwmtu:
                c += ["--", "set", "logical_router_port", "rtoj-" + gr, "options:gateway_mtu=%d" % self.gwmtu]
            self.nb(*c)
        for p in self.podn:
            n, h = PODS[p]
            ip = "10.244.%s.%d" % (n[1], h)
            self.nb("lsp-add", n, p, "--", "lsp-set-addresses", p, "%s %s" % (mac58(ip), ip) + (" fd10:%s::%d" % (n[1], h) if self.v6 else ""))

    # -- egress IP as the controller programs it
    def podip(self, p):
        n, h = PODS[p]
        return "10.244.%s.%d" % (n[1], h)

    def podip6(self, p):
        n, h = PODS[p]
        return "fd10:%s::%d" % (n[1], h)

    def join(self, n):
        return "100.64.0.%d" % (1 + int(n[1]))

    def nat_add(self, eip, pods, n):
        a = []
        for p in pods:
            a += ["--", "lr-nat-add", "GR_" + n, "snat", eip, self.podip(p)]
        return a[1:]

    def nat_del(self, pods, n):
        a = []
        for p in pods:
            a += ["--", "lr-nat-del", "GR_" + n, "snat", self.podip(p)]
        return a[1:]

    def eip_add(self, eip, pods, n, wait="hv"):
        """assign: SNAT rows on the egress node's gateway router and reroute policies, one transaction"""
        a = self.nat_add(eip, pods, n)
        for p in pods:
            a += ["--", "lr-policy-add", "ovn_cluster_router", "100", "ip4.src == %s" % self.podip(p), "reroute", self.join(n)]
        return self.nb(*a, wait=wait)

    def eip_del(self, pods, n, wait="hv"):
        a = self.nat_del(pods, n)
        for p in pods:
            a += ["--", "lr-policy-del", "ovn_cluster_router", "100", "ip4.src == %s" % self.podip(p)]
        return self.nb(*a, wait=wait)

    def eip_move(self, eip, pods, a, b, gap=0.0):
        """as the controller does it: one transaction takes the old assignment away, the next one adds the new one, no waiting in between"""
        self.eip_del(pods, a, wait=None)
        if gap:
            time.sleep(gap)
        return self.eip_add(eip, pods, b)

    def bindings(self):
        out = []
        for l in self.sb("--format=csv", "--no-headings", "--columns=logical_port,ip,mac", "list", "mac_binding").splitlines():
            w = l.replace('"', "").split(",")
            if len(w) == 3:
                out.append({"port": w[0], "ip": w[1], "mac": w[2]})
        return sorted(out, key=lambda e: (e["port"], e["ip"]))

    def ready(self, ping=True, settle=0.0):
        self.nb("sync", wait="hv")
        if ping:
            for p in self.podn:
                self.wait("ping " + p, lambda: self.x(p, "ping", "-c1", "-W1", "-q", EXT["DB"], check=False).find(" 0% packet loss") > 0, 30)
        if settle:
            time.sleep(settle)

    # -- measuring
    def cap(self, label="wire", h="sw", dev="br-wire", flt=()):
        f = os.path.join(self.out, label + ".pcap")
        err = os.path.join(self.out, label + ".tcpdump")
        self.bg(h, "tcpdump", "-Z", "root", "-i", dev, "-n", "-p", "-U", "-B", "2048", "--immediate-mode", "-s", "2048", "--time-stamp-precision=nano",
                "-w", f, *flt, out=err)
        self.caps.append(self.procs[-1])
        self.mark("cap", label=label, file=label + ".pcap")
        self.wait("tcpdump " + label, lambda: "listening on" in open(err).read())

    def podcap(self, p):
        self.cap(p, p, "eth0")

    def case(self, cid, desc, caps="wire"):
        self.mark("case", id=cid, desc=desc, caps=caps)
        print("[%s] %s" % (self.name, cid), flush=True)

    def act(self, text):
        self.mark("act", text=text)
        return time.time()

    def end(self):
        self.mark("endcase")

    def app(self, host, text):
        with open(os.path.join(self.out, "app.jsonl"), "a") as fh:
            fh.write(json.dumps({"t": time.time(), "type": "app", "host": host, "text": re.sub(r", time \d+ms", "", text)}) + "\n")

    def gt(self, h, *a, bg=False, ready=False):
        cmd = ["/usr/bin/python3", os.path.join(GTDIR, "gt.py"), *a]
        if a[0] in ("tcpclient", "tcpserver", "udp"):
            cmd += ["--log", os.path.join(self.out, "app.jsonl"), "--host", h]
        if a[0] in ("tcpserver", "udpecho"):
            cmd += ["--max", "300"]
        if bg:
            o = os.path.join(self.out, "bg-%s-%d.txt" % (h, len(self.procs)))
            p = self.bg(h, *cmd, out=o)
            if ready:
                self.wait(" ".join(a), lambda: "ready" in open(o).read())
            return p
        return self.x(h, *cmd, check=False)

    def rawsock(self, h, dev="eth0"):
        """packet socket inside the namespace of host h"""
        if (h, dev) not in self.socks:
            libc = ctypes.CDLL(None, use_errno=True)
            with open("/proc/thread-self/ns/net") as cur, open("/run/netns/" + self.nsn(h)) as new:
                if libc.setns(new.fileno(), 0x40000000):
                    raise OSError(ctypes.get_errno(), "setns")
                try:
                    k = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
                    k.bind((dev, 0))
                finally:
                    libc.setns(cur.fileno(), 0x40000000)
            self.socks[(h, dev)] = k
        return self.socks[(h, dev)]

    def arp(self, h, *frames):
        """op,sha,spa,tha,tpa,dst[@delay]"""
        k, t0 = self.rawsock(h), time.monotonic()
        full = {"ff": gtmod.BCAST, "0": "00:00:00:00:00:00"}
        for f in frames:
            spec, _, d = f.partition("@")
            op, sha, spa, tha, tpa, dst = (full.get(x, x) if n in (1, 3, 5) else x for n, x in enumerate(spec.split(",")))
            time.sleep(max(0, t0 + float(d or 0) - time.monotonic()))
            k.send(gtmod.arp_frame(dst, MACS.get(h, sha), int(op), sha, spa, tha, tpa))

    def stop(self, p):
        p.terminate()
        try:
            p.wait(5)
        except subprocess.TimeoutExpired:
            p.kill()
            p.wait()

    def ct(self, n):
        return self.appctl(n, "dpctl/dump-conntrack")

    def no_nud(self, g):
        """takes the hosts' own neighbour confirmations (unicast ARP requests, never sent by OVN) and their answers out of the record"""
        gone, ask = set(), []
        for n, f in enumerate(g.frames):
            if f["kind"] != "arp":
                continue
            if f["op"] == "request" and f["l2dst"] != gtmod.BCAST:
                gone.add(n)
                ask.append(f)
            elif f["op"] == "reply" and any(q["at"] == f["at"] and 0 <= f["t"] - q["t"] < 0.2 and q["spa"] == f["tpa"] and q["tpa"] == f["spa"] for q in ask[-8:]):
                gone.add(n)
        g.frames[:] = [f for n, f in enumerate(g.frames) if n not in gone]

    def finish(self, analyse=None, extra=None, nud=False):
        self.end()
        time.sleep(0.3)
        for p in self.caps:
            p.send_signal(signal.SIGINT)
            p.wait(5)
        signal.alarm(120)
        g = GT(self.out)
        if not nud:
            self.no_nud(g)
        for c in g.cases:
            c.tol = 0.4                          # helpers take 0.05..0.3 s to start
        if analyse:
            analyse(g)
        o = g.build(self.name)
        o = {"name": o["name"], "title": o["title"], "kernel": o["kernel"], "ovn": version("ovn-controller"), "ovs": version("ovs-vswitchd"),
             "datapath": "netdev (userspace)", "roles": o["roles"], **(extra or {}), "cases": o["cases"]}
        f = os.path.join(self.expect, self.name + ".expect.json")
        os.makedirs(self.expect, exist_ok=True)
        with open(f, "w") as fh:
            fh.write(gtmod.dumps(o) + "\n")
        n = sum(len(c.checks) for c in g.cases)
        print("%s: %d cases, %d checks, %d failed -> %s" % (self.name, len(g.cases), n, g.failed, os.path.basename(f)))
        self.cleanup()
        signal.alarm(0)
        sys.exit(1 if g.failed else 0)

    def cleanup(self):
        if os.environ.get("OVN_KEEPLOGS"):
            for f in glob.glob(self.run + "/*/*.log"):
                shutil.copy(f, os.path.join(self.out, "-".join(f.split("/")[-2:])))
        for p in reversed(self.procs):
            if p.poll() is None:
                p.terminate()
        end = time.time() + 3
        for p in self.procs:
            while p.poll() is None and time.time() < end:
                time.sleep(0.02)
            if p.poll() is None:
                p.kill()
                p.wait()
        for n in self.ns:
            subprocess.run(["ip", "netns", "del", n], stderr=subprocess.DEVNULL)
        self.procs, self.ns = [], []
        shutil.rmtree(self.run, ignore_errors=True)
