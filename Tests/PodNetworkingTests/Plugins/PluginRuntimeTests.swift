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

    /// A plugin that notes each call, its variables and its input, and then does what `script` says.
    private func plugin(
        _ name: String,
        _ script: String = "echo '{\"cniVersion\":\"1.0.0\"}'"
    ) throws {
        let text = """
            #!/bin/sh
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

    private static let speaksOld = """
        [ $CNI_COMMAND = VERSION ] && { echo '{"supportedVersions":["0.3.1","0.4.0","1.0.0"]}'; exit 0; }
        """
    private static let speaksNew = """
        [ $CNI_COMMAND = VERSION ] && { echo '{"supportedVersions":["0.4.0","1.0.0","1.1.0"]}'; exit 0; }
        """
    private static let several = #""cniVersions":["0.4.0","1.0.0","1.1.0"]"#

    @Test
    func newestVersionThatAllSpeakIsSpoken() throws {
        try plugin("one", Self.speaksNew + "\necho '{}'")
        try plugin("two", Self.speaksOld + "\necho '{}'")
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
    func refusedVersionIsExplainedByWhatThePluginSpeaks() throws {
        try plugin("one", Self.speaksOld + "\necho '{\"code\":1,\"msg\":\"incompatible\"}'; exit 1")
        let network = try network("one", version: #""cniVersion":"1.1.0""#)
        let error = #expect(throws: PluginError.self) {
            try runtime().attach(attachment(network), keeping: records())
        }
        #expect(error?.description.contains(#"speaks only "0.3.1", "0.4.0", "1.0.0""#) == true)
    }

    @Test
    func collectionAndStatusAreForThoseWhoKnowThem() throws {
        try plugin("new", Self.speaksNew + "\n[ $CNI_COMMAND = ADD ] && echo '{}'; exit 0")
        try plugin("old", Self.speaksOld)
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
        try plugin("new", Self.speaksNew + "\necho '{\"code\":50,\"msg\":\"not ready\"}'; exit 1")
        #expect(throws: PluginError.self) { try runtime().status(modern) }
    }

    @Test
    func checkTellsTheResultAndNeedsVersionAndPermission() throws {
        try plugin("one", #"echo '{"ips":[{"address":"10.0.0.2/24"}],"cniVersion":"1.0.0"}'"#)
        let records = try records()
        _ = try runtime().attach(attachment(network("one")), keeping: records)
        #expect(try runtime().check("eth0", in: records))
        #expect(scratch.read("one.CHECK")?.contains("10.0.0.2/24") == true)
        try plugin("one", #"echo '{"code":9,"msg":"gone"}'; exit 1"#)
        #expect(throws: PluginError.self) { try runtime().check("eth0", in: records) }
        for version in [#""cniVersion":"0.3.1""#, #""cniVersion":"1.0.0","disableCheck":true"#] {
            try plugin("one", "echo '{}'")
            let older = try network("one", version: version)
            _ = try runtime().attach(attachment(older), keeping: records)
            #expect(try !runtime().check("eth0", in: records))
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
