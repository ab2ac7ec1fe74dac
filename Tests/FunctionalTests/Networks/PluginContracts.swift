import Foundation
import TestSupport
import Testing

extension Functional.Networks {
    /// What plugins are asked and told, seen by a plugin that writes it down and makes nothing.
    @Suite struct PluginContracts {
        let machine: NetworkFixture

        init() throws {
            machine = try NetworkFixture()
            try scratch.makeDirectory("told")
            try scratch.write(
                """
                #!/bin/sh
                cd '\(scratch("told"))'
                if [ "$CNI_COMMAND" = VERSION ]; then
                    echo '{"supportedVersions":["0.3.1","0.4.0","1.0.0","1.1.0"]}'
                    exit
                fi
                echo "$CNI_COMMAND $CNI_CONTAINERID $CNI_IFNAME" | sed 's/ *$//' >>calls
                cat >$CNI_COMMAND
                [ -z "$CNI_NETNS" ] || readlink "$CNI_NETNS" >>namespaces
                [ ! -p hold.$CNI_COMMAND ] || cat hold.$CNI_COMMAND
                env >$CNI_COMMAND.env
                for file in /proc/self/fd/*; do readlink $file; done >$CNI_COMMAND.fds
                [ ! -e fail.$CNI_COMMAND ] || { cat fail.$CNI_COMMAND; exit 1; }
                [ "$CNI_COMMAND" != ADD ] || echo '{"cniVersion":"1.0.0","ips":[{"address":"10.66.0.2/24"}]}'
                """,
                to: "conf/net.d/recorder",
                mode: 0o755
            )
        }

        private var scratch: Scratch { machine.rkt.scratch }
        private var configuration: String { "--local-config=\(scratch("conf"))" }
        private var calls: [String] {
            (scratch.read("told/calls") ?? "").split(separator: "\n").map(String.init)
        }

        private func describe(_ name: String, version: String = "1.1.0", _ more: String = "") throws
        {
            try scratch.write(
                #"{"cniVersion":"\#(version)","name":"\#(name)","type":"recorder"\#(more)}"#,
                to: "conf/net.d/10-\(name).conf"
            )
        }

        /// Has the plugin fail.
        private func fail(_ command: String, code: Int, _ message: String) throws {
            let error = #"{"cniVersion":"1.1.0","code":\#(code),"msg":"\#(message)"}"#
            try scratch.write(error, to: "told/fail.\(command)")
        }

        /// Has the plugin wait until it is let go.
        private func hold(_ command: String) throws {
            try tool("mkfifo", scratch("told/hold.\(command)"))
        }

        private func letGo(_ command: String) throws {
            try tool("/bin/sh", "-c", "echo >'\(scratch("told/hold.\(command)"))'")
        }

        private func object(_ command: String) throws -> [String: Any] {
            let text = try #require(scratch.read("told/\(command)"), "\(calls)")
            return try #require(
                try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
            )
        }

        private func gc(_ rkt: Rkt? = nil, grace: String = "30m") throws -> Outcome {
            try (rkt ?? machine.rkt)("gc", configuration, "--grace-period=\(grace)")
        }

        private func killed(_ flags: [String]) throws -> BackgroundPod {
            let pod = try machine.start([configuration] + flags)
            pod.execution.signal(SIGKILL)
            _ = pod.execution.finished()
            return pod
        }

        // MARK: GC

        @Test func collectionSparesWhatIsNotDeletedYet() throws {
            try describe("rec")
            let pod = try killed(["--net=rec"])
            // What the pod has been made with counts, whatever became of the file.
            try FileManager.default.removeItem(atPath: scratch("conf/net.d/10-rec.conf"))
            #expect(try gc().succeeded)
            #expect(calls == ["STATUS", "ADD \(pod.uuid) eth0", "GC"])
            let told = try object("GC")
            let valid = told["cni.dev/valid-attachments"] as? [[String: String]]
            #expect(valid == [["containerID": pod.uuid, "ifname": "eth0"]])
            #expect(told["cniVersion"] as? String == "1.1.0" && told["name"] as? String == "rec")
            try describe("rec")
            #expect(try gc(grace: "0s").succeeded)
            #expect(calls.suffix(2) == ["DEL \(pod.uuid) eth0", "GC"])
            #expect((try object("GC")["cni.dev/valid-attachments"] as? [Any])?.isEmpty == true)
        }

        @Test func nothingIsCollectedWhileAPodOfAnyDataDirectoryIsOnANetwork() throws {
            try describe("rec")
            let other = try Rkt([SharedFiles.busyboxACI.get()], on: machine.host)
            let pod = try machine.start([configuration, "--net=rec"])
            for rkt in [machine.rkt, other] { #expect(try gc(rkt).succeeded) }
            #expect(!calls.contains("GC"))
            try pod.stop()
            #expect(try gc(other).succeeded)
            #expect(calls.last == "GC")
        }

        @Test func podsWaitForACollection() throws {
            try describe("rec")
            try hold("GC")
            let gc = try machine.rkt.start(["gc", configuration])
            #expect(eventually { calls == ["GC"] })
            let run = ["run", configuration, "--net=rec", busybox, "--exec=/bin/true"]
            let pod = try machine.rkt.start(run)
            // The kernel tells who waits for a lock: proc(5).
            let isWaiting = eventually {
                (File.read("/proc/locks") ?? "").split(separator: "\n")
                    .contains { $0.contains("-> FLOCK") && $0.contains(" READ \(pod.pid) ") }
            }
            #expect(isWaiting && calls == ["GC"])
            try letGo("GC")
            #expect(gc.finished().succeeded && pod.finished().succeeded)
            #expect(calls.map { $0.prefix { $0 != " " } } == ["GC", "STATUS", "ADD", "DEL"])
        }

        @Test(arguments: [("1.0.0", ""), ("1.1.0", #","disableGC":true"#)])
        func networkThatMayNotBeCollectedIsLeftAlone(version: String, member: String) throws {
            try describe("rec", version: version, member)
            #expect(try gc().succeeded)
            #expect(calls.isEmpty)
        }

        @Test func failedCollectionIsSaid() throws {
            try describe("rec")
            try describe("second")
            try fail("GC", code: 11, "busy")
            let outcome = try gc()
            #expect(outcome.code == 254)
            for name in ["rec", "second"] {
                let text =
                    "network \"\(name)\" not collected: plugin \"recorder\" failed (GC): busy"
                #expect(outcome.errors.contains(text), "\(outcome)")
            }
        }

        // MARK: DEL

        @Test(arguments: [false, true])
        func deletionSeesTheNamespaceOfTheAddition(afterKill: Bool) throws {
            try describe("rec")
            if afterKill {
                _ = try killed(["--net=rec"])
                #expect(try gc(grace: "0s").succeeded)
            } else {
                #expect(try machine.run([configuration, "--net=rec"], "true").succeeded)
            }
            let seen = (scratch.read("told/namespaces") ?? "").split(separator: "\n")
            #expect(seen.count == 2 && seen.allSatisfy { $0.hasPrefix("net:[") }, "\(seen)")
            // After a kill it is gone, and another one stands in for it.
            #expect((seen.first == seen.last) != afterKill)
        }

        @Test func additionThatWasCutShortIsUndone() throws {
            try describe("rec", version: "1.0.0")
            try hold("ADD")
            let pod = try machine.rkt.start(
                ["run", configuration, "--net=rec", busybox, "--exec=/bin/true"]
            )
            #expect(eventually { calls.count == 1 })
            pod.signal(SIGKILL)
            _ = pod.finished()
            // The plugin goes on by itself, and its answer reaches nobody.
            try letGo("ADD")
            #expect(eventually { File.exists(scratch("told/ADD.fds")) })
            #expect(try gc(grace: "0s").succeeded)
            #expect(calls.map { $0.prefix(3) } == ["ADD", "DEL"])
            #expect(try object("DEL")["prevResult"] == nil)
            #expect(machine.rkt.pods(in: "exited-garbage").isEmpty)
        }

        // MARK: STATUS

        @Test(arguments: [50, 51]) func networkThatIsNotReadyTakesNoPod(code: Int) throws {
            try describe("rec")
            try fail("STATUS", code: code, "no daemon")
            let outcome = try machine.run([configuration, "--net=default,rec"], "true")
            #expect(outcome.code == 254)
            let text = "network \"rec\": plugin \"recorder\" failed (STATUS): no daemon"
            #expect(outcome.errors.contains(text), "\(outcome)")
            #expect(calls == ["STATUS"])
            #expect(scratch.list("data/networks/default").isEmpty)
            let inspect = try machine.rkt("network", "inspect", configuration, "rec")
            #expect(inspect.output.contains("no daemon"), "\(inspect)")
        }

        // MARK: What is told

        @Test func everyCapabilityIsTold() throws {
            let names = ["portMappings", "ips", "mac", "bandwidth", "dns", "aliases"]
            let declared = names.map { "\"\($0)\":true" }.joined(separator: ",")
            try describe("rec", #","capabilities":{\#(declared)}"#)
            let outcome = try machine.run(
                [
                    configuration, "--port=8080:80", "--port=127.0.0.1:5300:53/udp",
                    "--hostname=db",
                    "--net=rec:IP=10.66.0.9/24;MAC=02:00:00:00:00:09;ingressRate=10M;ingressBurst=1M;egressRate=5M",
                    "--dns=192.0.2.1", "--dns-search=a.test", "--dns-opt=ndots:2",
                ],
                "true"
            )
            #expect(outcome.succeeded, "\(outcome)")
            for command in ["ADD", "DEL"] {
                let told = try object(command)
                #expect(told["capabilities"] == nil)
                let runtime = try #require(told["runtimeConfig"] as? NSDictionary)
                let uuid = calls[1].split(separator: " ")[1]
                let wanted: NSDictionary = [
                    "portMappings": [
                        ["hostPort": 8080, "containerPort": 80, "protocol": "tcp"],
                        [
                            "hostPort": 5300, "containerPort": 53, "protocol": "udp",
                            "hostIP": "127.0.0.1",
                        ],
                    ],
                    "ips": ["10.66.0.9/24"], "mac": "02:00:00:00:00:09",
                    "bandwidth": [
                        "ingressRate": 10_000_000, "ingressBurst": 1_000_000,
                        "egressRate": 5_000_000,
                    ],
                    "dns": [
                        "servers": ["192.0.2.1"], "searches": ["a.test"], "options": ["ndots:2"],
                    ],
                    "aliases": ["db", "rkt-\(uuid)"],
                ]
                #expect(runtime == wanted)
            }
        }

        /// Neither what rkt was started with nor what it has opened itself, for additions and for deletions.
        @Test func pluginsGetNothingOfOurs() throws {
            try describe("rec")
            let run = [Rkt.program, "--dir=\(machine.rkt.data)", "run", configuration]
            let command = (run + ["--net=rec:K=V", busybox, "--exec=/bin/true"])
                .joined(separator: " ")
            let outcome = try Execution(
                machine.host.prefix
                    + ["/bin/bash", "-c", "exec 7</etc/passwd 8>/dev/null; SECRET=1 \(command)"]
            ).finished()
            #expect(outcome.succeeded, "\(outcome)")
            for command in ["ADD", "DEL"] {
                let names = (scratch.read("told/\(command).env") ?? "").split(separator: "\n")
                    .map { String($0.prefix { $0 != "=" }) }
                    .filter { !["PWD", "_", "SHLVL", "OLDPWD"].contains($0) }
                #expect(
                    names.sorted() == [
                        "CNI_ARGS", "CNI_COMMAND", "CNI_CONTAINERID", "CNI_IFNAME", "CNI_NETNS",
                        "CNI_PATH", "PATH",
                    ]
                )
                // The shell's own: its input and outputs, its script, and the directory that it lists.
                let files = (scratch.read("told/\(command).fds") ?? "").split(separator: "\n")
                let strange = files.filter { file in
                    !["/memfd:", "pipe:", "/proc/", "\(scratch("conf"))", "\(scratch("told"))"]
                        .contains { file.hasPrefix($0) }
                }
                #expect(!files.isEmpty && strange.isEmpty, "\(files)")
            }
        }

        @Test func versionThatAPluginDoesntSpeakIsRefusedBeforeAnythingIsMade() throws {
            try scratch.write(
                """
                {"cniVersion":"1.0.0","name":"chain","plugins":[{"type":"recorder"},{"type":"old"}]}
                """,
                to: "conf/net.d/10-chain.conflist"
            )
            try scratch.write(
                "#!/bin/sh\necho '{\"supportedVersions\":[\"0.3.0\",\"0.3.1\"]}'\n",
                to: "conf/net.d/old",
                mode: 0o755
            )
            let outcome = try machine.run([configuration, "--net=chain"], "true")
            #expect(outcome.code == 254)
            let text = #"needs CNI "1.0.0", but plugin "old" speaks only "0.3.0", "0.3.1""#
            #expect(outcome.errors.contains(text), "\(outcome)")
            #expect(calls.isEmpty)
        }
    }
}
