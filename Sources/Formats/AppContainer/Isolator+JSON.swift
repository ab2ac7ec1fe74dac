package import JSON

extension Isolator: ManifestValue {
    package init(at cursor: JSONCursor) throws(JSONError) {
        let name = try cursor.required("name").parsed(ACIdentifier.init(_:))
        switch name.text {
        case "resource/memory": self = .memory(try ResourceRange(at: cursor.required("value")))
        case "resource/cpu": self = .cpu(try ResourceRange(at: cursor.required("value")))
        case "resource/block-bandwidth": self = .blockBandwidth(try cursor.defaultLimit())
        case "resource/block-iops": self = .blockIOPS(try cursor.defaultLimit())
        case "resource/network-bandwidth": self = .networkBandwidth(try cursor.defaultLimit())
        case "os/linux/cpu-shares":
            self = .cpuShares(Int(try cursor.required("value").integer(in: Self.cpuShareRange)))
        case "os/linux/oom-score-adj":
            self = .oomScoreAdjustment(
                Int(try cursor.required("value").integer(in: Self.oomScoreRange))
            )
        case "os/linux/capabilities-retain-set": self = .capabilitiesRetain(try cursor.nameSet())
        case "os/linux/capabilities-remove-set": self = .capabilitiesRemove(try cursor.nameSet())
        case "os/linux/seccomp-retain-set":
            self = .seccompRetain(try SystemCallSet(at: cursor.required("value")))
        case "os/linux/seccomp-remove-set":
            self = .seccompRemove(try SystemCallSet(at: cursor.required("value")))
        case "os/linux/no-new-privileges":
            self = .noNewPrivileges(try cursor.required("value").bool())
        case "os/unix/sysctl":
            _ = try cursor.required("value")
            self = .sysctl(try cursor.dictionary("value"))
        case "os/linux/selinux-context":
            self = .selinuxContext(try SELinuxContext(at: cursor.required("value")))
        case "os/linux/apparmor-profile":
            self = .apparmorProfile(try cursor.required("value").required("profile").nonEmpty())
        default: self = .unknown(name, try cursor.optional("value")?.value ?? .null)
        }
    }

    package var json: JSON {
        ["name": .string(name), "value": value]
    }

    static let cpuShareRange: ClosedRange<Int64> = 2...262_144
    static let oomScoreRange: ClosedRange<Int64> = -1000...1000

    /// The name of this kind of isolator.
    package var name: String {
        switch self {
        case .memory: "resource/memory"
        case .cpu: "resource/cpu"
        case .blockBandwidth: "resource/block-bandwidth"
        case .blockIOPS: "resource/block-iops"
        case .networkBandwidth: "resource/network-bandwidth"
        case .cpuShares: "os/linux/cpu-shares"
        case .oomScoreAdjustment: "os/linux/oom-score-adj"
        case .capabilitiesRetain: "os/linux/capabilities-retain-set"
        case .capabilitiesRemove: "os/linux/capabilities-remove-set"
        case .seccompRetain: "os/linux/seccomp-retain-set"
        case .seccompRemove: "os/linux/seccomp-remove-set"
        case .noNewPrivileges: "os/linux/no-new-privileges"
        case .sysctl: "os/unix/sysctl"
        case .selinuxContext: "os/linux/selinux-context"
        case .apparmorProfile: "os/linux/apparmor-profile"
        case .unknown(let name, _): name.text
        }
    }

    private var value: JSON {
        switch self {
        case .memory(let range), .cpu(let range): range.json
        case .blockBandwidth(let limit), .blockIOPS(let limit), .networkBandwidth(let limit):
            ["default": true, "limit": limit.json]
        case .cpuShares(let number), .oomScoreAdjustment(let number): .integer(Int64(number))
        case .capabilitiesRetain(let names), .capabilitiesRemove(let names):
            ["set": JSON(strings: names)]
        case .seccompRetain(let set), .seccompRemove(let set): set.json
        case .noNewPrivileges(let isSet): .bool(isSet)
        case .sysctl(let values): JSON(values)
        case .selinuxContext(let context): context.json
        case .apparmorProfile(let profile): ["profile": .string(profile)]
        case .unknown(_, let value): value
        }
    }
}

extension JSONCursor {
    /// The `isolators` of an app: known ones only, and none that contradicts another.
    func appIsolators() throws(JSONError) -> [Isolator] {
        var seen: Set<String> = []
        return try elements("isolators").map { element throws(JSONError) in
            let isolator = try Isolator(at: element)
            if case .unknown(let name, _) = isolator {
                throw element.invalid("unknown isolator \(quoted(name.text))")
            }
            if isolator.isSingle, seen.contains(isolator.name) {
                throw element.invalid("a second \(quoted(isolator.name))")
            }
            if let opposite = isolator.opposite, seen.contains(opposite) {
                throw element.invalid("\(quoted(isolator.name)) beside \(quoted(opposite))")
            }
            seen.insert(isolator.name)
            return isolator
        }
    }

    /// The `value` of an isolator that only knows a limit and must be the default for its device.
    fileprivate func defaultLimit() throws(JSONError) -> Quantity {
        let value = try required("value")
        guard try value.optional("default")?.bool() == true else {
            throw value.invalid("\"default\" must be true")
        }
        guard try value.optional("request") == nil else {
            throw value.invalid("a request can't be granted, only a limit")
        }
        return try value.required("limit").amount()
    }

    fileprivate func nameSet() throws(JSONError) -> [String] {
        let set = try required("value").required("set")
        let names = try set.strings()
        guard !names.isEmpty else { throw set.invalid("empty") }
        return names
    }

    fileprivate func amount() throws(JSONError) -> Quantity {
        let quantity = try Quantity(at: self)
        guard !quantity.isNegative else { throw invalid("negative") }
        return quantity
    }

    fileprivate func nonEmpty() throws(JSONError) -> String {
        let text = try string()
        guard !text.isEmpty else { throw invalid("empty") }
        return text
    }
}

extension Isolator {
    /// Whether an app may have only one of this kind.
    fileprivate var isSingle: Bool {
        switch self {
        case .seccompRetain, .seccompRemove, .oomScoreAdjustment, .cpuShares, .selinuxContext,
            .apparmorProfile, .sysctl:
            true
        case .memory, .cpu, .blockBandwidth, .blockIOPS, .networkBandwidth, .capabilitiesRetain,
            .capabilitiesRemove, .noNewPrivileges, .unknown:
            false
        }
    }

    /// The name of the kind that contradicts this one.
    fileprivate var opposite: String? {
        switch self {
        case .capabilitiesRetain: "os/linux/capabilities-remove-set"
        case .capabilitiesRemove: "os/linux/capabilities-retain-set"
        case .seccompRetain: "os/linux/seccomp-remove-set"
        case .seccompRemove: "os/linux/seccomp-retain-set"
        default: nil
        }
    }
}

extension ResourceRange: ManifestValue {
    package init(at cursor: JSONCursor) throws(JSONError) {
        guard try cursor.optional("default")?.bool() != true else {
            throw cursor.invalid("\"default\" must be false")
        }
        request = try cursor.optional("request")?.amount()
        limit = try cursor.optional("limit")?.amount()
    }

    package var json: JSON {
        var members: [JSON.Member] = []
        if let request { members.append("request", request.json) }
        if let limit { members.append("limit", limit.json) }
        return .object(members)
    }
}

extension SystemCallSet: ManifestValue {
    package init(at cursor: JSONCursor) throws(JSONError) {
        let names = try cursor.required("set").strings()
        let errno = try cursor.optional("errno")?.string()
        guard let set = Self(names: names, errno: errno == "" ? nil : errno) else {
            throw cursor.invalid("no system call, or an errno that isn't like \"EPERM\"")
        }
        self = set
    }

    package var json: JSON {
        var members = [JSON.Member("set", JSON(strings: names))]
        if let errno { members.append("errno", .string(errno)) }
        return .object(members)
    }
}

extension SELinuxContext: ManifestValue {
    package init(at cursor: JSONCursor) throws(JSONError) {
        user = try cursor.required("user").nonEmpty()
        role = try cursor.required("role").nonEmpty()
        type = try cursor.required("type").nonEmpty()
        level = try cursor.required("level").nonEmpty()
        guard !(user + role + type).utf8.contains(UInt8(ascii: ":")) else {
            throw cursor.invalid("a colon in user, role or type")
        }
    }

    package var json: JSON {
        [
            "user": .string(user), "role": .string(role), "type": .string(type),
            "level": .string(level),
        ]
    }
}
