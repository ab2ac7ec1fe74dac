internal import JSON

/// Reads the arguments of one instruction.
struct InstructionReader {
    let line: LogicalLine
    let escape: UInt8

    /// What the instruction does.
    func kind() throws(ContainerfileError) -> Instruction.Kind {
        var flags = Flags(line)
        let result = try kind(&flags)
        try flags.finish()
        return result
    }

    private func kind(_ flags: inout Flags) throws(ContainerfileError) -> Instruction.Kind {
        switch line.keyword {
        case "RUN": return try run(&flags)
        case "COPY": return .copy(try copy(&flags, isAdd: false))
        case "ADD": return .copy(try copy(&flags, isAdd: true))
        case "ENV": return .env(try pairs(flags.rest, allowsBlank: true))
        case "LABEL": return .label(try pairs(flags.rest, allowsBlank: true))
        case "ARG": return .arg(try arguments(flags.rest))
        case "WORKDIR": return .workdir(try one(flags.rest))
        case "USER": return .user(try one(flags.rest))
        case "EXPOSE": return .expose(try words(flags.rest))
        case "VOLUME": return .volume(try list(flags.rest))
        case "ENTRYPOINT": return .entrypoint(try program(flags.rest, mayBeEmpty: true))
        case "CMD": return .cmd(try program(flags.rest, mayBeEmpty: true))
        case "SHELL": return .shell(try shell(flags.rest))
        case "STOPSIGNAL": return .stopSignal(try one(flags.rest))
        case "HEALTHCHECK": return .healthCheck(try healthCheck(&flags))
        case "ONBUILD": return .onBuild(try onBuild(flags.rest))
        case "MAINTAINER": return .maintainer(try one(flags.rest))
        default: throw error("unknown instruction: \(line.keyword)")
        }
    }

    private func error(_ reason: String) -> ContainerfileError {
        ContainerfileError(line: line.number, reason)
    }

    private func one(_ text: String) throws(ContainerfileError) -> String {
        guard !text.isEmpty else { throw error("\(line.keyword) takes an argument") }
        return text
    }

    private func words(_ text: String) throws(ContainerfileError) -> [String] {
        let words = Words.split(text, escape: escape)
        guard !words.isEmpty else { throw error("\(line.keyword) takes an argument") }
        return words
    }

    /// A JSON array of strings; nil if the text is something else.
    private func array(_ text: String) -> [String]? {
        guard text.hasPrefix("["), let json = try? JSON.parse(text), let values = json.array else {
            return nil
        }
        let strings = values.compactMap(\.string)
        return strings.count == values.count ? strings : nil
    }

    private func list(_ text: String) throws(ContainerfileError) -> [String] {
        if let values = array(text), !values.isEmpty { return values }
        let values = try words(text)
        guard !values.isEmpty else { throw error("\(line.keyword) takes an argument") }
        return values
    }

    private func program(
        _ text: String,
        mayBeEmpty: Bool = false
    ) throws(ContainerfileError) -> Instruction.Program {
        if let words = array(text) {
            guard mayBeEmpty || !words.isEmpty else { throw error("the program is missing") }
            return .words(words)
        }
        return .shell(try one(text))
    }

    private func run(_ flags: inout Flags) throws(ContainerfileError) -> Instruction.Kind {
        let network = flags.take("network") ?? "default"
        guard ["default", "none", "host"].contains(network) else {
            throw error("--network is default, none or host")
        }
        for name in ["security", "device"] where flags.take(name) != nil {
            throw error("the flag --\(name) of RUN is not supported")
        }
        var mounts: [RunMount] = []
        for text in flags.takeAll("mount") {
            do throws(RunMount.Mistake) { mounts.append(try RunMount(text)) } catch {
                throw self.error("--mount=\(text): \(error.reason)")
            }
        }
        return .run(try program(flags.rest), network: network, mounts: mounts)
    }

    private func copy(
        _ flags: inout Flags,
        isAdd: Bool
    ) throws(ContainerfileError) -> Instruction.Copy {
        let owner = flags.take("chown")
        let mode = flags.take("chmod")
        let from = isAdd ? nil : flags.take("from")
        // Every step makes a layer of its own here, which is what the flag asks for.
        _ = try flags.takeSwitch("link")
        let keepsParents = try isAdd ? nil : flags.takeSwitch("parents")
        let unpacks = try isAdd ? flags.takeSwitch("unpack") : false
        let checksum = isAdd ? flags.take("checksum") : nil
        let excludes = flags.takeAll("exclude")
        var paths = try list(flags.rest)
        guard paths.count >= 2, let target = paths.popLast() else {
            throw error("\(line.keyword) takes at least one source and a target")
        }
        if isAdd { try checkURLs(paths, checksum, &flags) }
        return Instruction.Copy(
            sources: paths,
            target: target,
            from: from,
            owner: owner,
            mode: mode,
            takesURLs: isAdd,
            unpacks: unpacks,
            keepsParents: keepsParents ?? false,
            excludes: excludes,
            checksum: checksum
        )
    }

    /// A repository is no file: what it holds isn't told by its URL.
    private func checkURLs(
        _ sources: [String],
        _ checksum: String?,
        _ flags: inout Flags
    ) throws(ContainerfileError) {
        let schemes = ["git@", "git://", "ssh://"]
        for source in sources {
            let path = source.prefix { $0 != "#" && $0 != "?" }
            let isWeb = Instruction.Copy.isURL(source)
            if schemes.contains(where: source.hasPrefix) || isWeb && path.hasSuffix(".git") {
                throw error("ADD of a git repository is not supported: \"\(source)\"")
            }
        }
        if flags.take("keep-git-dir") != nil {
            throw error("ADD of a git repository is not supported")
        }
        guard let checksum else { return }
        guard sources.count == 1, Instruction.Copy.isURL(sources[0]) || sources[0].contains("$")
        else { throw error("--checksum goes with one URL") }
        let parts = checksum.split(separator: ":", omittingEmptySubsequences: false)
        let isDigest =
            parts.count == 2 && parts[0] == "sha256" && parts[1].utf8.count == 64
            && parts[1].utf8.allSatisfy { 0x30...0x39 ~= $0 || 0x61...0x66 ~= $0 }
        guard isDigest || checksum.contains("$") else {
            throw error("--checksum is sha256: and 64 hexadecimal digits: \"\(checksum)\"")
        }
    }

    /// `NAME=VALUE …`, or the old `NAME rest of the line`.
    private func pairs(
        _ text: String,
        allowsBlank: Bool
    ) throws(ContainerfileError) -> [Instruction.Pair] {
        let words = try words(text)
        guard words[0].contains("=") else {
            let value = text.dropFirst(words[0].count).drop { $0 == " " || $0 == "\t" }
            guard words.count > 1 else { throw error("\(line.keyword) takes NAME=VALUE") }
            return [Instruction.Pair(name: words[0], value: String(value))]
        }
        var pairs: [Instruction.Pair] = []
        for word in words {
            guard let equals = word.firstIndex(of: "="), equals > word.startIndex else {
                throw error("\"\(word)\" is not NAME=VALUE")
            }
            pairs.append(
                Instruction.Pair(
                    name: String(word[..<equals]),
                    value: String(word[word.index(after: equals)...])
                )
            )
        }
        return pairs
    }

    private func arguments(_ text: String) throws(ContainerfileError) -> [Instruction.Argument] {
        var result: [Instruction.Argument] = []
        for word in try words(text) {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            guard let first = name.utf8.first, Words.isNameByte(first),
                name.utf8.allSatisfy({ Words.isNameByte($0) }),
                !(UInt8(ascii: "0")...UInt8(ascii: "9") ~= first)
            else { throw error("\"\(name)\" is not the name of an argument") }
            result.append(
                Instruction.Argument(name: name, value: parts.count > 1 ? String(parts[1]) : nil)
            )
        }
        return result
    }

    private func shell(_ text: String) throws(ContainerfileError) -> [String] {
        guard let words = array(text), !words.isEmpty else {
            throw error("SHELL takes a JSON array of strings")
        }
        return words
    }

    private func healthCheck(_ flags: inout Flags) throws(ContainerfileError) -> HealthCheck? {
        let parts = flags.rest.split(maxSplits: 1) { $0 == " " || $0 == "\t" }
        switch parts.first?.uppercased() {
        case "NONE" where parts.count == 1: return nil
        case "CMD" where parts.count == 2:
            var check = HealthCheck(program: try program(String(parts[1])))
            check.interval = try duration("interval", &flags)
            check.timeout = try duration("timeout", &flags)
            check.startPeriod = try duration("start-period", &flags)
            check.startInterval = try duration("start-interval", &flags)
            if let text = flags.take("retries") {
                guard let number = Int64(text), number >= 0 else {
                    throw error("--retries is not a number: \"\(text)\"")
                }
                check.retries = number
            }
            return check
        default: throw error("HEALTHCHECK takes NONE, or CMD and a program")
        }
    }

    private func duration(
        _ name: String,
        _ flags: inout Flags
    ) throws(ContainerfileError) -> Int64 {
        guard let text = flags.take(name) else { return 0 }
        guard let value = Words.nanoseconds(text) else {
            throw error("--\(name) is not a duration: \"\(text)\"")
        }
        return value
    }

    private func onBuild(_ text: String) throws(ContainerfileError) -> String {
        let inner = try Instruction(text: try one(text), line: line.number)
        switch text.prefix(while: { $0 != " " }).uppercased() {
        case "ONBUILD", "FROM", "MAINTAINER": throw error("ONBUILD can't hold \(inner.text)")
        default: return text
        }
    }
}
