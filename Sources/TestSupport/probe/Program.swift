import CProbe

/// The app that tests run inside a pod: it does what its arguments say, in their order, and prints
/// what it finds as `key=value`.
///
/// Usage: `probe [--facts=SET,SET… | --all-facts | --attempts | --ACTION[=VALUE]]…`
@main struct Probe {
    static func main() {
        for argument in CommandLine.arguments.dropFirst() {
            let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
            guard let name = parts.first else { continue }
            perform(name, parts.count > 1 ? parts[1] : "")
        }
    }

    private static func perform(_ name: String, _ value: String) {
        switch name {
        case "--facts":
            for set in value.split(separator: ",") where !Facts.print(String(set)) {
                fail("no facts called \(set)")
            }
        case "--all-facts": for set in Facts.all { _ = Facts.print(set) }
        case "--attempts": Attempts.runAll()
        case "--out": say(value)
        case "--err": say(value, to: 2)
        case "--repeat": repeatLines(value)
        case "--exit": CProbeExit(Int32(value) ?? 125)
        default:
            if !performOnFiles(name, value) && !performOnProcesses(name, value) {
                fail("no action called \(name)")
            }
        }
    }

    private static func performOnFiles(_ name: String, _ value: String) -> Bool {
        switch name {
        case "--read": say("read.\(value)=\(Facts.line(value))")
        case "--open":
            say("open.\(value)=\(attempt { () throws(Refusal) in _ = try OpenFile(value) })")
        case "--open-write":
            say("write.\(value)=\(attempt { () throws(Refusal) in try touch(value) })")
        case "--create":
            say("create.\(value)=\(attempt { () throws(Refusal) in try create(value) })")
        case "--list": say("list.\(value)=\(listing(value))")
        case "--link": say("link.\(value)=\((try? readLink(value)) ?? "none")")
        case "--stat": stat(value)
        case "--mknod": makeNode(value)
        case "--read-input": say("input=\(Facts.line("/proc/self/fd/0"))")
        default: return false
        }
        return true
    }

    private static func performOnProcesses(_ name: String, _ value: String) -> Bool {
        let number = Int(value) ?? 0
        switch name {
        case "--sleep": sleep(milliseconds: number)
        case "--signal": _ = try? call(SystemCall.kill, Int(field("pid")) ?? 0, number)
        case "--catch": CProbeCatch(Int32(number))
        case "--wait": say("caught=\(CProbeCaught(1))")
        case "--ignore":
            CProbeCatch(Int32(number))
            while true { sleep(milliseconds: 60_000) }
        case "--allocate": say("allocate=\(CProbeAllocate(number))")
        case "--fork": forkMany(number)
        case "--orphan": orphan()
        case "--zombies": say("zombies=\(zombies())")
        default: return false
        }
        return true
    }

    private static func fail(_ message: String) {
        say("probe: \(message)", to: 2)
        CProbeExit(125)
    }

    private static func field(_ name: String) -> String {
        (try? readLink("/proc/self")) ?? name
    }

    private static func touch(_ path: String) throws(Refusal) {
        _ = try OpenFile(path, 1)
    }

    private static func create(_ path: String) throws(Refusal) {
        try OpenFile(path, 0o101).write("probe\n")
    }

    private static func listing(_ path: String) -> String {
        do throws(Refusal) { return try list(path).joined(separator: ",") } catch {
            return "\(error)"
        }
    }

    // struct statx: mode at 28, uid at 20, gid at 24, size at 40, rdev major and minor at 128.
    private static func stat(_ path: String) {
        var buffer = [UInt8](repeating: 0, count: 256)
        let result = attempt { () throws(Refusal) in
            try withAddress(of: path) { name throws(Refusal) in
                try withAddress(of: &buffer) { address throws(Refusal) in
                    _ = try call(SystemCall.statx, -100, name, 0x100, 0x7FF, address)
                }
            }
        }
        guard result == "ok" else { return say("stat.\(path)=\(result)") }
        func word(_ at: Int) -> Int {
            (0..<4).reduce(0) { $0 | Int(buffer[at + $1]) << (8 * $1) }
        }
        let mode = word(28) & 0xFFFF
        say(
            "stat.\(path)=mode:\(String(mode, radix: 8)) uid:\(word(20)) gid:\(word(24)) "
                + "size:\(word(40)) device:\(word(128)):\(word(132))"
        )
    }

    // PATH:c|b:MAJOR:MINOR
    private static func makeNode(_ value: String) {
        let parts = value.split(separator: ":").map(String.init)
        guard parts.count == 4, let major = Int(parts[2]), let minor = Int(parts[3]) else {
            return fail("a node is PATH:c|b:MAJOR:MINOR")
        }
        let type = parts[1] == "b" ? 0o060_000 : 0o020_000
        let made = attempt { () throws(Refusal) in
            try withAddress(of: parts[0]) { name throws(Refusal) in
                _ = try call(SystemCall.mknodat, -100, name, type | 0o666, major << 8 | minor)
            }
        }
        say("mknod.\(value)=\(made)")
        guard made == "ok" else { return }
        say("mknod-open.\(value)=\(attempt { () throws(Refusal) in _ = try OpenFile(parts[0]) })")
    }

    // COUNT:TEXT
    private static func repeatLines(_ value: String) {
        let parts = value.split(separator: ":", maxSplits: 1).map(String.init)
        guard parts.count == 2, let count = Int(parts[0]) else { return fail("COUNT:TEXT") }
        for index in 0..<count { say("\(parts[1]) \(index)") }
    }

    private static func sleep(milliseconds: Int) {
        var time = [UInt8](repeating: 0, count: 16)
        let (seconds, rest) = milliseconds.quotientAndRemainder(dividingBy: 1000)
        for index in 0..<8 {
            time[index] = UInt8(truncatingIfNeeded: seconds >> (8 * index))
            time[8 + index] = UInt8(truncatingIfNeeded: rest * 1_000_000 >> (8 * index))
        }
        _ = try? withAddress(of: &time) { address throws(Refusal) in
            try call(SystemCall.nanosleep, address, 0)
        }
    }

    private static func forkMany(_ limit: Int) {
        var children: [Int32] = []
        var refusal = "none"
        for _ in 0..<limit {
            let child = CProbeFork()
            if child == 0 {
                sleep(milliseconds: 60_000)
                CProbeExit(0)
            }
            guard child > 0 else {
                refusal = "\(Refusal(number: Int(-child)))"
                break
            }
            children.append(child)
        }
        for child in children {
            _ = try? call(SystemCall.kill, Int(child), 9)
            _ = CProbeWait(child)
        }
        say("forks=\(children.count)")
        say("fork-refusal=\(refusal)")
    }

    // A grandchild whose parent is gone, which the pod's PID 1 has to reap.
    private static func orphan() {
        let child = CProbeFork()
        guard child == 0 else {
            _ = CProbeWait(child)
            return
        }
        let grandchild = CProbeFork()
        if grandchild == 0 { sleep(milliseconds: 20) }
        CProbeExit(0)
    }

    private static func zombies() -> Int {
        let processes = ((try? list("/proc")) ?? []).filter { Int($0) != nil }
        return processes.count { ((try? readText("/proc/\($0)/stat")) ?? "").contains(") Z ") }
    }
}
