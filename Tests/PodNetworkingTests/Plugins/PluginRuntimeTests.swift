import Addresses
import CNI
import Foundation
import Linux
import PodNetworking
import TestSupport
import Testing

/// The runtime's side of the contract, against plugins that a test writes.
struct PluginRuntimeTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        try scratch.makeDirectory("pod")
    }

    /// A plugin that says what it speaks, or else notes the call, its variables and its input and does what `script` says.
    private func plugin(
        _ name: String,
        _ script: String = "echo '{\"cniVersion\":\"1.0.0\"}'",
        speaks: [CNIVersion] = CNIVersion.allCases
    ) throws {
        let versions = speaks.map { "\"\($0)\"" }.joined(separator: ",")
        let text = """
            #!/bin/sh
            [ $CNI_COMMAND = VERSION ] && { echo '{"supportedVersions":[\(versions)]}'; exit 0; }
            echo "$CNI_COMMAND \(name)" >>'\(scratch.path)/calls'
            env >'\(scratch.path)/\(name).env'
            cat >"\(scratch.path)/\(name).$CNI_COMMAND"
            ls /proc/self/fd >'\(scratch.path)/\(name).fds'
            \(script)
            """
        try scratch.write(text, to: "plugins/\(name)", mode: 0o755)
    }

    private func network(
        _ plugins: String...,
        version: String = #""cniVersion":"1.0.0""#,
        members: String = ""
    ) throws -> NetworkConfiguration {
        let list = plugins.map { #"{"type":"\#($0)"\#(members)}"# }.joined(separator: ",")
        return try NetworkConfiguration(
            parsing: Array(#"{\#(version),"name":"net","plugins":[\#(list)]}"#.utf8),
            form: .list
        )
    }

    private func attachment(
        _ network: NetworkConfiguration,
        arguments: String = "",
        runtime: RuntimeConfiguration = RuntimeConfiguration()
    ) -> PluginAttachment {
        PluginAttachment(
            AttachmentName(containerID: "pod-1", interface: "eth0"),
            network: network,
            namespace: "/proc/self/ns/net",
            arguments: arguments,
            runtime: runtime
        )
    }

    private func runtime(limit: Duration = .seconds(30)) -> PluginRuntime {
        PluginRuntime(PluginSearch(directories: [scratch("plugins")]), limit: limit)
    }

    private func records() throws -> AttachmentRecords {
        try AttachmentRecords(making: Directory(path: scratch("pod")))
    }

    private var calls: [String] {
        (scratch.read("calls") ?? "").split(separator: "\n").map(String.init)
    }

    @Test
    func additionsGoForwardAndDeletionsBackward() throws {
        try plugin("one", #"echo '{"cniVersion":"1.0.0","ips":[{"address":"10.0.0.2/24"}]}'"#)
        try plugin("two", #"cat '\#(scratch.path)/one.result'"#)
        try scratch.write(
            #"{"cniVersion":"1.0.0","ips":[{"address":"10.0.0.2/24"}],"dns":{"domain":"a"}}"#,
            to: "one.result"
        )
        let runtime = runtime()
        let records = try records()
        let result = try runtime.attach(attachment(network("one", "two")), keeping: records)
        #expect(result.nameService.domain == "a")
        #expect(try records.interfaces() == ["eth0"])
        #expect(scratch.read("one.ADD")?.contains("prevResult") == false)
        #expect(scratch.read("two.ADD")?.contains(#""prevResult":{"cniVersion":"1.0.0""#) == true)
        try runtime.detach("eth0", namespace: nil, in: records)
        #expect(calls == ["ADD one", "ADD two", "DEL two", "DEL one"])
        #expect(scratch.read("one.DEL")?.contains(#""domain":"a""#) == true)
        #expect(try records.interfaces().isEmpty)
    }

    @Test
    func pluginSeesTheContractAndNothingElse() throws {
        try plugin("one")
        let file = try Descriptor.open("/dev/null")
        try file.keepOnExec()
        let network = try network("one")
        _ = try runtime().attach(attachment(network, arguments: "K=V"), keeping: records())
        let variables = (scratch.read("one.env") ?? "").split(separator: "\n")
            .filter { !["PWD", "_", "SHLVL", "OLDPWD"].contains($0.prefix { $0 != "=" }) }
        #expect(
            variables.sorted() == [
                "CNI_ARGS=K=V", "CNI_COMMAND=ADD", "CNI_CONTAINERID=pod-1", "CNI_IFNAME=eth0",
                "CNI_NETNS=/proc/self/ns/net", "CNI_PATH=\(scratch.path)/plugins",
                "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            ]
        )
        // The fourth is the directory that is listed.
        #expect(scratch.read("one.fds")?.split(separator: "\n").count ?? 9 <= 4)
        _ = file.number
    }

    @Test
    func failedAdditionIsUndoneBackwardAndSaid() throws {
        try plugin("one")
        try plugin(
            "two",
            """
            [ $CNI_COMMAND = DEL ] && exit 0
            echo '{"code":7,"msg":"no room","details":"try later"}'; exit 1
            """
        )
        try plugin("three")
        let records = try records()
        let error = #expect(throws: PluginError.self) {
            try runtime().attach(attachment(network("one", "two", "three")), keeping: records)
        }
        #expect(error?.description == #"plugin "two" failed (ADD): no room; try later"#)
        #expect(calls == ["ADD one", "ADD two", "DEL two", "DEL one"])
        #expect(try records.interfaces().isEmpty)
    }

    /// After kill -9 in the middle of an addition there is a record without a result.
    @Test
    func interruptedAdditionCanBeUndone() throws {
        try plugin("one", "[ $CNI_COMMAND = DEL ] || kill -9 $$")
        let records = try records()
        _ = try? runtime().attach(attachment(network("one")), keeping: records)
        try plugin("one", "echo '{}'")
        _ = try runtime().attach(attachment(network("one")), keeping: records)
        let text = scratch.read("pod/net/eth0.json") ?? ""
        let cut = text.range(of: #"\#n\#t"result""#).map { text[..<$0.lowerBound].dropLast() }
        try scratch.write(String(try #require(cut)) + "\n}", to: "pod/net/eth0.json")
        try runtime().detach("eth0", namespace: nil, in: records)
        #expect(calls.last == "DEL one")
        #expect(try records.interfaces().isEmpty)
    }

    @Test
    func deletionAsksEveryPluginAndKeepsTheRecordUntilAllAreDone() throws {
        try plugin("one")
        try plugin("two")
        let records = try records()
        _ = try runtime().attach(attachment(network("one", "two")), keeping: records)
        try plugin("two", "echo broken >&2; exit 3")
        let error = #expect(throws: PluginError.self) {
            try runtime().detach("eth0", namespace: nil, in: records)
        }
        #expect(error?.description == #"plugin "two" failed (DEL): exit code 3: "broken""#)
        #expect(calls.suffix(2) == ["DEL two", "DEL one"])
        #expect(try records.interfaces() == ["eth0"])
        // Nothing is left to delete: that is what was asked for.
        try plugin("two", #"echo '{"code":3,"msg":"unknown container"}'; exit 1"#)
        try runtime().detach("eth0", namespace: nil, in: records)
        #expect(try records.interfaces().isEmpty)
    }

    @Test(arguments: [
        ("exit 0", "answered nonsense"), ("echo hello", "answered nonsense"),
        ("echo '{\"cniVersion\":\"5.0.0\"}'", "answered nonsense"), ("exec yes", "wrote too much"),
        ("kill -11 $$", "killed by signal 11"), ("sleep 100", "took too long"),
        ("printf 'panic:\\033[31m\\n' >&2; exit 2", #"exit code 2: "panic:\u{1b}[31m""#),
    ])
    func badPluginIsAnErrorThatNamesIt(script: String, text: String) throws {
        try plugin("one", script)
        let limit: Duration = script.hasPrefix("sleep") ? .seconds(2) : .seconds(30)
        let error = #expect(throws: PluginError.self) {
            try runtime(limit: limit).attach(attachment(network("one")), keeping: records())
        }
        #expect(error?.description.contains(text) == true, "\(error?.description ?? "")")
    }

    @Test
    func absentPluginIsSaidBeforeAnythingIsDone() throws {
        try plugin("one")
        let records = try records()
        let error = #expect(throws: PluginError.self) {
            try runtime().attach(attachment(network("one", "two")), keeping: records)
        }
        #expect(error?.description.hasPrefix("there is no plugin \"two\" in") == true)
        #expect(calls.isEmpty)
        #expect(try records.interfaces().isEmpty)
    }

    private static let older: [CNIVersion] = [.v031, .v040, .v100]
    private static let several = #""cniVersions":["0.4.0","1.0.0","1.1.0"]"#

    @Test
    func newestVersionThatAllSpeakIsSpoken() throws {
        try plugin("one", "echo '{}'")
        try plugin("two", "echo '{}'", speaks: Self.older)
        let both = try network("one", "two", version: Self.several)
        _ = try runtime().attach(attachment(both), keeping: records())
        #expect(scratch.read("one.ADD")?.contains(#""cniVersion":"1.0.0""#) == true)
        let only = try network("two", version: #""cniVersions":["1.1.0","0.1.0"]"#)
        let error = #expect(throws: PluginError.self) {
            try runtime().attach(attachment(only), keeping: records())
        }
        #expect(error?.description.contains("speaks only") == true)
    }

    @Test
    func pluginThatDoesntSpeakTheVersionIsRefusedBeforeAnythingIsMade() throws {
        try plugin("one")
        try plugin("two", speaks: [.v030, .v031])
        let records = try records()
        let error = #expect(throws: PluginError.self) {
            try runtime().attach(attachment(network("one", "two")), keeping: records)
        }
        #expect(
            error?.description == #"network "net" needs CNI "1.0.0", but plugin "two" speaks only "#
                + #""0.3.0", "0.3.1" (change cniVersion)"#
        )
        #expect(calls.isEmpty)
        #expect(try records.interfaces().isEmpty)
    }

    /// Scripts that people write know ADD and DEL.
    @Test(arguments: ["exit 0", "echo what; exit 1"])
    func pluginThatDoesntTellItsVersionsIsTakenAtTheNetworksWord(_ script: String) throws {
        let text = "#!/bin/sh\n[ $CNI_COMMAND = ADD ] && { echo '{}'; exit 0; }\n\(script)"
        try scratch.write(text, to: "plugins/one", mode: 0o755)
        _ = try runtime().attach(attachment(network("one")), keeping: records())
    }

    /// Each version's way of telling one address, and how the next plugin of the chain sees it.
    @Test(
        arguments: [
            (CNIVersion.v010, #""ip4":{"ip":"10.0.0.2/24"}"#, nil),
            (.v020, #""ip4":{"ip":"10.0.0.2/24"}"#, nil),
            (.v030, #""ips":[{"version":"4","address":"10.0.0.2/24"}]"#, #""version":"4""#),
            (.v031, #""ips":[{"version":"4","address":"10.0.0.2/24"}]"#, #""version":"4""#),
            (.v040, #""ips":[{"version":"4","address":"10.0.0.2/24"}]"#, #""version":"4""#),
            (.v100, #""ips":[{"address":"10.0.0.2/24"}]"#, #""address":"10.0.0.2/24""#),
            (.v110, #""ips":[{"address":"10.0.0.2/24"}]"#, #""address":"10.0.0.2/24""#),
        ] as [(CNIVersion, String, String?)]
    )
    func resultsOfAllVersionsGoOn(version: CNIVersion, result: String, told: String?) throws {
        let answer = #"echo '{"cniVersion":"\#(version)",\#(result)}'"#
        try plugin("one", answer)
        try plugin("two", answer)
        let network = try network("one", "two", version: #""cniVersion":"\#(version)""#)
        let made = try runtime().attach(attachment(network), keeping: records())
        #expect(made.addresses.map(\.prefix.description) == ["10.0.0.2/24"])
        let second = scratch.read("two.ADD") ?? ""
        #expect(second.contains(#""cniVersion":"\#(version)""#))
        if let told { #expect(second.contains(told), "\(second)") }
        #expect(second.contains("prevResult") == (told != nil))
    }

    @Test
    func whatCannotBeUndoneStaysOnRecord() throws {
        try plugin("one", #"echo '{"code":7,"msg":"no"}'; exit 1"#)
        let records = try records()
        #expect(throws: PluginError.self) {
            try runtime().attach(attachment(network("one")), keeping: records)
        }
        #expect(try records.interfaces() == ["eth0"])
        try plugin("one")
        try runtime().detach("eth0", namespace: nil, in: records)
        #expect(try records.interfaces().isEmpty)
    }

    @Test
    func collectionAndStatusAreForThoseWhoKnowThem() throws {
        try plugin("new", "exit 0")
        try plugin("old", speaks: Self.older)
        let name = AttachmentName(containerID: "pod-1", interface: "eth0")
        let modern = try network("new", version: Self.several)
        #expect(try runtime().collect(modern, sparing: [name]))
        #expect(scratch.read("new.GC")?.contains(#""containerID":"pod-1""#) == true)
        #expect(scratch.read("new.env")?.contains("CNI_NETNS") == false)
        #expect(try runtime().status(modern))
        #expect(calls.contains("STATUS new"))
        let older = try network("old", version: Self.several)
        #expect(try !runtime().collect(older, sparing: []))
        #expect(try !runtime().status(older))
        let shared = try network("new", version: Self.several + #","disableGC":true"#)
        #expect(try !runtime().collect(shared, sparing: []))
        try plugin("new", "echo '{\"code\":50,\"msg\":\"not ready\"}'; exit 1")
        #expect(throws: PluginError.self) { try runtime().status(modern) }
        let error = #expect(throws: PluginError.self) {
            try runtime().collect(network("new", "new", version: Self.several), sparing: [])
        }
        guard case .several(let errors)? = error else { return #expect(Bool(false)) }
        #expect(errors.count == 2, "the second is asked whatever becomes of the first")
    }

    @Test
    func checkTellsTheResultAndNeedsVersionAndPermission() throws {
        let result =
            #"{"interfaces":[{"name":"eth0","sandbox":"/proc/self/ns/net"}],"cniVersion":"1.0.0"}"#
        try plugin("one", "echo '\(result)'")
        let records = try records()
        _ = try runtime().attach(attachment(network("one")), keeping: records)
        #expect(try runtime().check("eth0", namespace: "/now", in: records))
        // Where the namespace was when the interface was made is nowhere now.
        #expect(scratch.read("one.CHECK")?.contains(#""sandbox":"/now""#) == true)
        #expect(scratch.read("one.env")?.contains("CNI_NETNS=/now\n") == true)
        try plugin("one", #"echo '{"code":9,"msg":"gone"}'; exit 1"#)
        #expect(throws: PluginError.self) {
            try runtime().check("eth0", namespace: "/now", in: records)
        }
        for version in [#""cniVersion":"0.3.1""#, #""cniVersion":"1.0.0","disableCheck":true"#] {
            try plugin("one", "echo '{}'")
            let older = try network("one", version: version)
            _ = try runtime().attach(attachment(older), keeping: records)
            #expect(try !runtime().check("eth0", namespace: "/now", in: records))
        }
    }

    @Test
    func whatNobodyHeedsIsRefused() throws {
        try plugin("one")
        var told = RuntimeConfiguration()
        told.portMappings = [.init(hostPort: 1, containerPort: 2, protocol: "tcp")]
        let error = #expect(throws: PluginError.self) {
            try runtime().attach(attachment(network("one"), runtime: told), keeping: self.records())
        }
        #expect(error?.description.contains("portMappings") == true)
        let able = try network("one", members: #","capabilities":{"portMappings":true}"#)
        let records = try records()
        _ = try runtime().attach(attachment(able, runtime: told), keeping: records)
        try runtime().detach("eth0", namespace: nil, in: records)
        #expect(scratch.read("one.DEL")?.contains(#""hostPort":1"#) == true)
    }

    @Test
    func pluginsOfTheAdministratorComeFirst() throws {
        let search = PluginSearch(configuration: "/etc/rkt", environment: "/a:relative::/b")
        #expect(
            search.directories == [
                "/a", "/b", "/etc/rkt/net.d", "/usr/lib/rkt/plugins/net", "/usr/lib/cni",
                "/opt/cni/bin",
            ]
        )
    }
}
