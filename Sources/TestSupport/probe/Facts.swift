/// What the probe sees of itself and its sandbox, printed as `key=value`.
enum Facts {
    /// Prints the named set of facts; false for a name nobody knows.
    static func print(_ name: String) -> Bool {
        switch name {
        case "ids": status(["Uid": "uid", "Gid": "gid", "Groups": "groups"])
        case "capabilities":
            status([
                "CapInh": "caps.inheritable", "CapPrm": "caps.permitted",
                "CapEff": "caps.effective", "CapBnd": "caps.bounding", "CapAmb": "caps.ambient",
            ])
        case "security": status(["NoNewPrivs": "no_new_privs", "Seccomp": "seccomp"])
        case "cwd": say("cwd=\(text { () throws(Refusal) in try readLink("/proc/self/cwd") })")
        case "args": arguments()
        case "env": environment()
        case "hostname": say("hostname=\(line("/proc/sys/kernel/hostname"))")
        case "namespaces": namespaces()
        case "descriptors": descriptors()
        case "mounts": mounts()
        case "devices": say("devices=\(names("/dev"))")
        case "limits": limits()
        case "cgroup": say("cgroup=\(firstLines("/proc/self/cgroup"))")
        case "tty": terminals()
        case "pid":
            say("pid=\(field("Pid"))")
            say("parent=\(field("PPid"))")
        case "keyring": say("keyring=\(text { () throws(Refusal) in try sessionKeyring() })")
        case "oom": say("oom_score_adj=\(line("/proc/self/oom_score_adj"))")
        case "label": say("label=\(line("/proc/self/attr/current"))")
        default: return false
        }
        return true
    }

    /// Every set of facts there is.
    static let all = [
        "ids", "capabilities", "security", "cwd", "args", "env", "hostname", "namespaces",
        "descriptors", "mounts", "devices", "limits", "cgroup", "tty", "pid", "keyring", "oom",
        "label",
    ]

    /// One line of a file, or the error that reading it gave.
    static func line(_ path: String) -> String {
        text { () throws(Refusal) in
            let whole = try readText(path)
            return whole.split(separator: "\n").first.map(String.init) ?? ""
        }
    }

    private static func text(_ body: () throws(Refusal) -> String) -> String {
        do throws(Refusal) { return try body() } catch { return "\(error)" }
    }

    private static func names(_ path: String) -> String {
        text { () throws(Refusal) in try list(path).joined(separator: ",") }
    }

    private static func firstLines(_ path: String) -> String {
        text { () throws(Refusal) in
            try readText(path).split(separator: "\n").joined(separator: ";")
        }
    }

    private static func field(_ name: String) -> String {
        let lines = ((try? readText("/proc/self/status")) ?? "").split(separator: "\n")
        let line = lines.first { $0.hasPrefix("\(name):") } ?? ""
        let words = line.split { $0 == "\t" || $0 == " " || $0 == ":" }
        return words.dropFirst().joined(separator: " ")
    }

    private static func status(_ fields: [String: String]) {
        for (name, key) in fields.sorted(by: { $0.value < $1.value }) {
            say("\(key)=\(field(name))")
        }
    }

    private static func arguments() {
        let words = CommandLine.arguments
        say("argc=\(words.count)")
        for (index, word) in words.enumerated() { say("argv.\(index)=\(word)") }
    }

    private static func environment() {
        let whole = (try? readText("/proc/self/environ")) ?? ""
        for variable in whole.split(separator: "\0") { say("env.\(variable)") }
    }

    private static func namespaces() {
        for name in ["cgroup", "ipc", "mnt", "net", "pid", "user", "uts"] {
            say(
                "ns.\(name)=\(text { () throws(Refusal) in try readLink("/proc/self/ns/\(name)") })"
            )
        }
    }

    // The descriptor that reads the directory is not there any more when its link is read.
    private static func descriptors() {
        var open: [String] = []
        for name in (try? list("/proc/self/fd")) ?? [] {
            guard let target = try? readLink("/proc/self/fd/\(name)") else { continue }
            open.append(name)
            say("fd.\(name)=\(target)")
        }
        say("fds=\(open.joined(separator: ","))")
    }

    // mountinfo: id parent major:minor root MOUNT-POINT OPTIONS optional… - TYPE source super
    private static func mounts() {
        for line in ((try? readText("/proc/self/mountinfo")) ?? "").split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            guard words.count > 6, let dash = words.firstIndex(of: "-"), dash + 1 < words.count
            else { continue }
            let propagation = words[6..<dash].joined(separator: "+")
            say("mount.\(words[4])=\(words[dash + 1]) \(words[5]) \(propagation)")
        }
    }

    private static func limits() {
        for line in ((try? readText("/proc/self/limits")) ?? "").split(separator: "\n").dropFirst()
        {
            let name = line.prefix(25).split(separator: " ").joined(separator: "-")
            let values = line.dropFirst(25).split(separator: " ").prefix(2)
            say("limit.\(name)=\(values.joined(separator: " "))")
        }
    }

    private static func terminals() {
        for (number, name) in ["stdin", "stdout", "stderr"].enumerated() {
            var size = [UInt8](repeating: 0, count: 64)
            let isTerminal = attempt { () throws(Refusal) in
                try withAddress(of: &size) { address throws(Refusal) in
                    _ = try call(SystemCall.ioctl, number, 0x5413, address)
                }
            }
            say("tty.\(name)=\(isTerminal == "ok")")
            if isTerminal == "ok" {
                say("rows=\(Int(size[0]) | Int(size[1]) << 8)")
                say("columns=\(Int(size[2]) | Int(size[3]) << 8)")
            }
        }
    }

    private static func sessionKeyring() throws(Refusal) -> String {
        String(try call(SystemCall.keyctl, 0, -3, 0))
    }
}
