import JSON

extension Isolator {
    /// Less memory than a page is a slip: `16m` is sixteen thousandths of a byte.
    private static let leastMemory: Int64 = 4096

    /// Reads the amount that `--memory` takes, such as `64Mi`.
    package static func memory(flag text: String) throws(ManifestError) -> Isolator {
        let amount = try Quantity(text)
        guard amount.units >= leastMemory else {
            throw .flag(text, reason: "less than \(leastMemory) bytes (write 16M or 16Mi, not 16m)")
        }
        return .memory(ResourceRange(amount))
    }

    /// Reads the amount that `--cpu` takes, such as `500m`.
    package static func cpu(flag text: String) throws(ManifestError) -> Isolator {
        let amount = try Quantity(text)
        guard amount.thousandths > 0 else { throw .flag(text, reason: "not above zero") }
        return .cpu(ResourceRange(amount))
    }

    /// Reads the number that `--cpu-shares` takes.
    package static func cpuShares(flag text: String) throws(ManifestError) -> Isolator {
        .cpuShares(try number(text, in: cpuShareRange))
    }

    /// Reads the number that `--oom-score-adj` takes.
    package static func oomScoreAdjustment(flag text: String) throws(ManifestError) -> Isolator {
        .oomScoreAdjustment(try number(text, in: oomScoreRange))
    }

    /// Reads the names that `--caps-retain` takes, separated by commas.
    package static func capabilitiesRetain(flag text: String) throws(ManifestError) -> Isolator {
        .capabilitiesRetain(try names(text))
    }

    /// Reads the names that `--caps-remove` takes, separated by commas.
    package static func capabilitiesRemove(flag text: String) throws(ManifestError) -> Isolator {
        .capabilitiesRemove(try names(text))
    }

    /// Reads `mode=retain|remove[,errno=EXXX],CALL,@set/name…`, in any order, as `--seccomp` takes it.
    package static func seccomp(flag text: String) throws(ManifestError) -> Isolator {
        var (mode, errno, calls) = (String?.none, String?.none, [String]())
        for part in text.split(separator: ",") {
            guard let equals = part.firstIndex(of: "=") else {
                calls.append(String(part))
                continue
            }
            let value = String(part[part.index(after: equals)...])
            switch part[..<equals] {
            case "mode": mode = value
            case "errno": errno = value
            default: throw .flag(text, reason: "neither mode= nor errno=: \(quoted(String(part)))")
            }
        }
        guard let set = SystemCallSet(names: calls, errno: errno) else {
            throw .flag(text, reason: "no system call, or an errno that isn't like EPERM")
        }
        switch mode {
        case "retain": return .seccompRetain(set)
        case "remove": return .seccompRemove(set)
        default: throw .flag(text, reason: "mode=retain or mode=remove is needed")
        }
    }

    private static func names(_ text: String) throws(ManifestError) -> [String] {
        let names = text.split(separator: ",").map(String.init)
        guard !names.isEmpty else { throw .flag(text, reason: "no capability") }
        return names
    }

    private static func number(
        _ text: String,
        in range: ClosedRange<Int64>
    ) throws(ManifestError) -> Int {
        guard let number = Int64(text), range.contains(number) else {
            let (least, most) = (range.lowerBound, range.upperBound)
            throw .flag(text, reason: "not a number from \(least) to \(most)")
        }
        return Int(number)
    }
}
