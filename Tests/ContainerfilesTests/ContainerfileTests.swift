import Testing

@testable import Containerfiles

@Suite struct ContainerfileTests {
    private func parse(_ text: String) throws -> Containerfile {
        try Containerfile(Array(text.utf8))
    }

    private func kinds(_ text: String) throws -> [Instruction.Kind] {
        try parse("FROM scratch\n" + text).stages[0].instructions.map(\.kind)
    }

    private static func copy(
        _ sources: [String],
        to target: String,
        from: String? = nil,
        owner: String? = nil,
        mode: String? = nil,
        parents: Bool = false,
        excludes: [String] = []
    ) -> Instruction.Copy {
        Instruction.Copy(
            sources: sources,
            target: target,
            from: from,
            owner: owner,
            mode: mode,
            takesURLs: false,
            unpacks: false,
            keepsParents: parents,
            excludes: excludes,
            checksum: nil
        )
    }

    static let valid: [(String, Instruction.Kind)] = [
        ("RUN echo $A \"b\"", .run(.shell("echo $A \"b\""), network: "default", mounts: [])),
        ("run [\"a\", \"b c\"]", .run(.words(["a", "b c"]), network: "default", mounts: [])),
        ("RUN --network=none true", .run(.shell("true"), network: "none", mounts: [])),
        (
            "RUN [ -f /x ] && true",
            .run(.shell("[ -f /x ] && true"), network: "default", mounts: [])
        ),
        ("RUN a \\\n  b", .run(.shell("a   b"), network: "default", mounts: [])),
        ("RUN a \\\n# no part of it\n\n b", .run(.shell("a  b"), network: "default", mounts: [])),
        (
            "COPY a b /c/",
            .copy(copy(["a", "b"], to: "/c/"))
        ),
        (
            "COPY --from=x --chown=1:2 --chmod=755 --link [\"a b\", \"/c\"]",
            .copy(copy(["a b"], to: "/c", from: "x", owner: "1:2", mode: "755"))
        ),
        (
            "COPY --parents --exclude=*.a --exclude=b x /c/",
            .copy(copy(["x"], to: "/c/", parents: true, excludes: ["*.a", "b"]))
        ),
        (
            "ENV A=1 B=\"2 3\"",
            .env([.init(name: "A", value: "1"), .init(name: "B", value: "\"2 3\"")])
        ),
        ("ENV A one two", .env([.init(name: "A", value: "one two")])),
        ("ARG A B=2", .arg([.init(name: "A", value: nil), .init(name: "B", value: "2")])),
        ("LABEL a.b=c", .label([.init(name: "a.b", value: "c")])),
        ("WORKDIR /a b", .workdir("/a b")), ("USER 1:2", .user("1:2")),
        ("EXPOSE 80 443/udp", .expose(["80", "443/udp"])),
        ("VOLUME [\"/a\", \"/b\"]", .volume(["/a", "/b"])),
        ("VOLUME /a /b", .volume(["/a", "/b"])),
        ("ENTRYPOINT [\"/x\"]", .entrypoint(.words(["/x"]))), ("CMD []", .cmd(.words([]))),
        ("CMD x y", .cmd(.shell("x y"))),
        ("SHELL [\"/bin/bash\", \"-c\"]", .shell(["/bin/bash", "-c"])),
        ("STOPSIGNAL SIGTERM", .stopSignal("SIGTERM")), ("HEALTHCHECK NONE", .healthCheck(nil)),
        ("ONBUILD RUN x", .onBuild("RUN x")), ("MAINTAINER me", .maintainer("me")),
        ("RUN a\t\\  \n b", .run(.shell("a\t b"), network: "default", mounts: [])),
    ]

    @Test(arguments: valid) func instructionsAreRead(
        _ text: String,
        _ kind: Instruction.Kind
    ) throws {
        #expect(try kinds(text) == [kind])
    }

    static let invalid: [(String, Int, String)] = [
        ("", 1, "there is no FROM"), ("RUN x", 1, "before the first FROM"),
        ("FROM a\nFROB x", 2, "unknown instruction: FROB"),
        ("FROM a\n\n# c\nRUN a \\\n b\nNOPE", 6, "unknown instruction: NOPE"),
        ("FROM a\nCOPY x", 2, "at least one source"), ("FROM a b c d", 1, "FROM takes"),
        ("FROM a AS 9x", 1, "no name of a stage"), ("FROM a\nCOPY --frob=1 a b", 2, "--frob"),
        ("FROM a\nRUN --mount=type=ssh y", 2, "type \"ssh\" are not supported"),
        ("FROM a\nRUN --mount=type=cache y", 2, "target is missing"),
        ("FROM a\nRUN --mount=type=cache,target=/x,from=b y", 2, "\"from\" is not supported"),
        ("FROM a\nRUN --mount=type=tmpfs,target=/x,size=1 y", 2, "\"size\" is not supported"),
        ("FROM a\nRUN --mount=type=secret y", 2, "id is missing"),
        ("FROM a\nRUN --mount=target=/x,ro,rw y", 2, "not both"),
        ("FROM a\nRUN --mount=target=/x,dst=/y y", 2, "stands twice"),
        ("FROM a\nRUN --security=insecure y", 2, "--security"),
        ("FROM a\nADD git@host:x.git /z", 2, "git repository"),
        ("FROM a\nADD https://host/x.git#main /z", 2, "git repository"),
        ("FROM a\nADD --checksum=md5:1 http://x/y /z", 2, "64 hexadecimal"),
        ("FROM a\nADD --checksum=sha256:1 y /z", 2, "goes with one URL"),
        ("FROM a\nCOPY --parents=x a /z", 2, "true or false"),
        ("FROM a\nCOPY --checksum=x a /z", 2, "--checksum"), ("FROM a\nENV A", 2, "NAME=VALUE"),
        ("FROM a\nENV A=1 B", 2, "NAME=VALUE"), ("FROM a\nRUN", 2, "takes an argument"),
        ("FROM a\nRUN <<EOF\nx", 2, "doesn't end"), ("FROM a\nSHELL bash", 2, "JSON array"),
        ("FROM a\nHEALTHCHECK --interval=x CMD y", 2, "duration"),
        ("FROM a\nHEALTHCHECK y", 2, "NONE"),
        ("FROM a\nONBUILD FROM b", 2, "unknown instruction"),
        ("FROM a\nONBUILD ONBUILD RUN x", 2, "ONBUILD can't"),
        ("FROM a\nARG 1x", 2, "name of an argument"), ("# escape=x\nFROM a", 1, "escape"),
        ("FROM a\nWORKDIR", 2, "takes an argument"), ("FROM a\nEXPOSE", 2, "takes an argument"),
        ("FROM a\nRUN --network=x y", 2, "--network"),
    ]

    @Test(arguments: invalid)
    func whatIsWrongIsToldWithItsLine(_ text: String, _ line: Int, _ reason: String) throws {
        let error = try #require(throws: ContainerfileError.self) { try parse(text) }
        #expect(error.line == line && error.reason.contains(reason), "\(error)")
    }

    @Test func mountsAreRead() throws {
        let text = """
            RUN --mount=src=a,dst=/a,from=b --mount=type=cache,target=/c,sharing=locked,mode=0700 \\
              --mount=type=tmpfs,target=/t --mount=type=secret,id=key,required \\
              --mount=type=secret,id=token,env=TOKEN true
            """
        guard case .run(_, _, let mounts) = try #require(kinds(text).first) else { return }
        #expect(
            mounts.map(\.kind) == [
                .bind(from: "b", source: "a"), .cache(.locked), .temporary,
                .secret(isRequired: true, variable: nil),
                .secret(isRequired: false, variable: "TOKEN"),
            ]
        )
        #expect(mounts.map(\.target) == ["/a", "/c", "/t", "/run/secrets/key", nil])
        #expect(mounts.map(\.isReadOnly) == [true, false, false, true, true])
        #expect(mounts[1].id == "/c" && mounts[1].mode == 0o700 && mounts[3].mode == 0o400)
    }

    @Test func stagesHaveNamesAndNumbers() throws {
        let file = try parse(
            "ARG V=1\nFROM a:$V AS Build\nRUN x\nFROM --platform=linux/amd64 b\nFROM build"
        )
        #expect(file.arguments == [.init(name: "V", value: "1")])
        #expect(file.stages.map(\.name) == ["build", nil, nil])
        #expect(file.stages[1].platform == "linux/amd64")
        #expect(file.stage("BUILD", before: 2) == 0)
        #expect(file.stage("1", before: 2) == 1)
        #expect(file.stage("2", before: 2) == nil)
        #expect(file.stage("build", before: 0) == nil)
    }

    @Test func theEscapeCanBeAnother() throws {
        let file = try parse("# escape=`\nFROM a\nRUN x `\n y\\")
        #expect(
            file.stages[0].instructions[0].kind
                == .run(.shell("x  y\\"), network: "default", mounts: [])
        )
    }

    @Test func documentsFollowTheirInstruction() throws {
        let text = "RUN <<EOF\na\n  b\nEOF\nCOPY <<'x' <<-y /z/\n$1\nx\n\t2\ny\nRUN c"
        let instructions = try parse("FROM a\n" + text).stages[0].instructions
        #expect(instructions.count == 3)
        #expect(
            instructions[0].documents == [.init(name: "EOF", text: "a\n  b\n", isLiteral: false)]
        )
        #expect(instructions[1].documents.map(\.text) == ["$1\n", "2\n"])
        #expect(instructions[1].documents.map(\.isLiteral) == [true, false])
        #expect(instructions[2].line == 11)
    }

    @Test func healthChecksHaveTimes() throws {
        let kinds = try kinds("HEALTHCHECK --interval=1m30s --retries=3 CMD [\"a\"]")
        guard case .healthCheck(let check?) = kinds[0] else { return }
        #expect(check.interval == 90_000_000_000 && check.retries == 3)
        #expect(check.program == .words(["a"]))
    }

    @Test(arguments: ["\0", "FROM a\n\u{FEFF}RUN x"]) func oddBytesAreAnError(_ text: String) {
        #expect(throws: ContainerfileError.self) { try parse(text) }
    }

    @Test func anyBytesAreReadWithoutACrash() {
        let sample = Array(
            "FROM a AS b\nRUN <<E x\ny\nE\nENV A=\"${B:-c}\" \\\n# d\nCOPY --from=b [\"e\"]\n".utf8
        )
        var state: UInt64 = 42
        for _ in 0..<3000 {
            var bytes = sample
            for _ in 0..<4 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let index = Int(state >> 33) % bytes.count
                bytes[index] = UInt8(truncatingIfNeeded: state >> 20)
            }
            _ = try? Containerfile(bytes)
        }
    }
}

@Suite struct WordsTests {
    private let values = ["A": "1", "E": "", "P": "x y"]

    @Test(arguments: [
        ("plain", "plain"), ("$A", "1"), ("${A}b", "1b"), ("$Ab", ""), ("\\$A", "$A"),
        ("'$A'", "$A"), ("\"$A $P\"", "1 x y"), ("${N:-d}", "d"), ("${E:-d}", "d"), ("${E-d}", ""),
        ("${A:+set}", "set"), ("${N:+set}", ""), ("${N:-${A}}", "1"), ("a\\ b", "a b"), ("$", "$"),
        ("\"a\\nb\"", "a\\nb"), ("${N:-a b}", "a b"),
    ])
    func variablesAreReplaced(_ text: String, _ expected: String) throws {
        let values = values
        #expect(try Words.expand(text) { values[$0] } == expected)
    }

    @Test(arguments: ["${A", "${", "\"x", "'x", "${A:x}", "${N:?gone}", "${}", "${N:-${N:-"])
    func whatIsNotClosedIsAnError(_ text: String) {
        let values = values
        #expect(throws: Words.ExpansionError.self) { try Words.expand(text) { values[$0] } }
    }

    @Test func nestingEnds() {
        let text = String(repeating: "${N:-", count: 50) + String(repeating: "}", count: 50)
        #expect(throws: Words.ExpansionError.self) { try Words.expand(text) { _ in nil } }
    }

    @Test func wordsKeepTheirQuotes() {
        #expect(
            Words.split("a \"b c\" d\\ e 'f g'", escape: 0x5C) == [
                "a", "\"b c\"", "d\\ e", "'f g'",
            ]
        )
    }
}

@Suite struct IgnoreFileTests {
    @Test(arguments: [
        ("*.log", "a.log", true), ("*.log", "d/a.log", false), ("**/*.log", "d/e/a.log", true),
        ("**/*.log", "a.log", true), ("d", "d/e/f", true), ("d/*\n!d/keep", "d/keep", false),
        ("d/*\n!d/keep", "d/other", true), ("d\n!d/keep", "d", false), ("d\n!d/keep", "d/x", true),
        ("# c\n\n  x  ", "x", true), ("/x/", "x", true), ("a?c", "abc", true),
        ("[a-c]x", "bx", true),
        ("[^a-c]x", "bx", false), ("*", "anything", true), ("x/../y", "y", true),
    ])
    func patternsMatch(_ text: String, _ path: String, _ expected: Bool) {
        #expect(IgnoreFile(text).excludes(path) == expected)
    }

    @Test func manyStarsEnd() {
        let pattern = String(repeating: "*a", count: 40)
        #expect(!PathPattern.matches(String(repeating: "a", count: 200) + "b", pattern))
    }
}
