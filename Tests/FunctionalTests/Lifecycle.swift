import JSON
import TestSupport
import Testing

extension Functional {
    /// From prepare to gc: directories, locks and what the commands say about them.
    @Suite struct Lifecycle {
        let rkt: Rkt
        private static let sleeper = [busybox, "--exec=/bin/sleep", "--", "600"]

        init() throws { rkt = try .withBusybox() }

        @Test func aPreparedPodRunsOnce() throws {
            let uuid = try rkt.prepare([busybox, "--exec=/bin/echo", "--", "prepared"])
            #expect(rkt.pods(in: "prepared") == [uuid])
            #expect(try rkt.status(uuid)["state"] == "prepared")
            let run = try rkt("run-prepared", "--net=none", uuid)
            #expect(run.text == "prepared", "\(run)")
            #expect(try rkt.status(uuid)["state"] == "exited")
            let again = try rkt("run-prepared", "--net=none", uuid)
            #expect(again.code == 254)
            #expect(again.errors.contains("prepared"), "\(again)")
        }

        @Test func runPreparedTakesPodFlags() throws {
            let uuid = try rkt.prepare([busybox, "--exec=/bin/hostname"])
            let run = try rkt("run-prepared", "--net=none", "--hostname=later", uuid)
            #expect(run.text == "later", "\(run)")
        }

        @Test func prepareQuietlyPrintsTheWholeUUID() throws {
            let outcome = try rkt("prepare", "--quiet", busybox)
            #expect(outcome.text.count == 36, "\(outcome)")
            #expect(outcome.text.split(separator: "-").map(\.count) == [8, 4, 4, 4, 12])
        }

        @Test func statusTellsTheStateAndTheExitCodes() throws {
            let pod = try rkt.startPod(["--net=none"] + Self.sleeper)
            let running = try rkt.status(pod.uuid)
            #expect(running["state"] == "running")
            #expect(running["exited"] == "false")
            #expect(Int(running["pid"] ?? "") != nil)
            try pod.stop()
            let exited = try rkt.status(pod.uuid)
            #expect(exited["state"] == "exited")
            #expect(exited["exited"] == "true")
            #expect(exited["app-busybox"] != nil)
        }

        @Test func statusWaitsForTheEnd() throws {
            let pod = try rkt.startPod(["--net=none"] + Self.sleeper)
            let early = try rkt("status", "--wait=200ms", pod.uuid)
            #expect(early.code == 254, "\(early)")
            let waiting = try rkt.start(["status", "--wait", pod.uuid])
            try pod.stop()
            #expect(pairs(waiting.finished().output)["state"] == "exited")
        }

        @Test func statusWaitsForTheBeginning() throws {
            let pod = try rkt.startPod(["--net=none"] + Self.sleeper)
            let ready = try rkt("status", "--wait-ready=5s", pod.uuid)
            #expect(pairs(ready.output)["state"] == "running", "\(ready)")
            try pod.stop()
        }

        @Test func statusSpeaksJSON() throws {
            let uuid = try rkt.prepare([busybox, "--exec=/bin/true"])
            _ = try rkt("run-prepared", "--net=none", uuid)
            let outcome = try rkt("status", "--format=json", uuid)
            let pod = try JSON.parse(Array(outcome.output.utf8))
            #expect(pod["name"]?.string == uuid)
            #expect(pod["state"]?.string == "exited")
            let app = try #require(pod["apps"]?.array?.first)
            #expect(app["name"]?.string == "busybox")
            #expect(app["exit_code"]?.integer == 0)
            #expect(try rkt("status", "--format=json-pretty", uuid).output.contains("\n\t\""))
        }

        @Test func listHasOneLineAnApp() throws {
            let prepared = try rkt.prepare([busybox, "--name=a", busybox, "--name=b"])
            let table = try rkt("list").lines
            #expect(table.first?.hasPrefix("UUID") == true)
            #expect(table.count == 3, "\(table)")
            #expect(table[1].hasPrefix(prepared.prefix(8)))
            #expect(table[1].contains("prepared"))
            #expect(table[2].contains("b"))
            #expect(try rkt("list", "--no-legend").lines.count == 2)
            #expect(try rkt("list", "--full").output.contains(prepared))
            #expect(try rkt("list", "--full").output.contains("IMAGE ID"))
            let json = try JSON.parse(Array(try rkt("list", "--format=json").output.utf8))
            #expect(json.array?.first?["name"]?.string == prepared)
            #expect(json.array?.first?["app_names"]?.array?.count == 2)
        }

        @Test func timesAreTheUsersOwn() throws {
            let uuid = try rkt.prepare([busybox])
            let zone = ["TZ": "XXX-05:45", "PATH": "/usr/bin:/bin"]
            for command in [["status", uuid], ["list", "--full"], ["image", "list", "--full"]] {
                let outcome = try rkt(command, environment: zone)
                #expect(outcome.output.contains("+0545 XXX"), "\(outcome)")
                let utc = try rkt(command, environment: ["TZ": "", "PATH": "/usr/bin:/bin"])
                #expect(utc.output.contains("+0000 UTC"), "\(utc)")
            }
        }

        @Test func stopIsGentleThenFirm() throws {
            let gentle = try rkt.startPod(
                [
                    "--net=none", busybox, "--exec=/bin/probe", "--", "--catch=15",
                    "--out=ready", "--wait", "--exit=3",
                ]
            )
            // An app has started before it has got as far as to catch anything.
            #expect(eventually { gentle.execution.output.contains("ready") })
            let stop = try rkt("stop", gentle.uuid)
            #expect(stop.text == "\"\(gentle.uuid)\"", "\(stop)")
            let end = gentle.execution.finished()
            #expect(end.output.contains("caught=15"), "\(end)")
            #expect(end.code == 3)

            let stubborn = try rkt.startPod(
                ["--net=none", busybox, "--exec=/bin/probe", "--", "--catch=15", "--out=ready"]
                    + ["--ignore=15"]
            )
            #expect(eventually { stubborn.execution.output.contains("ready") })
            #expect(try rkt("stop", "--timeout=300ms", stubborn.uuid).succeeded)
            #expect(!stubborn.execution.finished(within: 5).isTimedOut)
        }

        @Test func stopUsesTheImagesStopSignal() throws {
            let image = try OCIImage(config: ["Cmd": ["/bin/sh"], "StopSignal": "SIGUSR1"])
            let name = try image.write(in: rkt.scratch)
            let pod = try rkt.startPod(
                ["--net=none", name, "--exec=/bin/probe", "--", "--catch=10", "--out=ready"]
                    + ["--wait"]
            )
            #expect(eventually { pod.execution.output.contains("ready") })
            #expect(try rkt("stop", pod.uuid).succeeded)
            #expect(pod.execution.finished().output.contains("caught=10"))
        }

        @Test func stoppingWhatDoesNotRun() throws {
            let uuid = try rkt.prepare([busybox])
            #expect(try rkt("stop", uuid).code == 254)
            _ = try rkt("run-prepared", "--net=none", uuid, input: "")
            #expect(try rkt("stop", uuid).succeeded)
        }

        @Test func rmRemovesWhatDoesNotRun() throws {
            let pod = try rkt.startPod(["--net=none"] + Self.sleeper)
            #expect(try rkt("rm", pod.uuid).code == 254)
            try pod.stop()
            let rm = try rkt("rm", pod.uuid)
            #expect(rm.text == "\"\(pod.uuid)\"", "\(rm)")
            for phase in ["run", "exited-garbage", "garbage"] {
                #expect(rkt.pods(in: phase).isEmpty)
            }
        }

        @Test func rmGoesOnAfterAMistake() throws {
            let uuid = try rkt.prepare([busybox])
            let outcome = try rkt("rm", "00000000-0000-4000-8000-000000000000", uuid)
            #expect(outcome.code == 254, "\(outcome)")
            #expect(rkt.pods(in: "prepared").isEmpty)
        }

        @Test func gcMarksFirstAndSweepsAfterTheGrace() throws {
            #expect(try rkt("run", "--net=none", busybox, "--exec=/bin/true").succeeded)
            #expect(rkt.pods(in: "run").count == 1)
            #expect(try rkt("gc", "--mark-only").succeeded)
            #expect(rkt.pods(in: "run").isEmpty)
            #expect(rkt.pods(in: "exited-garbage").count == 1)
            #expect(try rkt("gc").succeeded)
            #expect(rkt.pods(in: "exited-garbage").count == 1)
            #expect(try rkt("gc", "--grace-period=0s").succeeded)
            #expect(rkt.pods(in: "exited-garbage").isEmpty)
        }

        /// An app with `CAP_LINUX_IMMUTABLE` can leave such files.
        @Test func filesThatForbidTheirRemovalGoWithThePod() throws {
            let script = "mkdir -p /a/b /v/c; echo x > /a/b/f; echo x > /v/c/f"
            let volume = ["--volume=v,kind=empty", "--mount=volume=v,target=/v"]
            for command in [["gc", "--grace-period=0s"], ["rm"]] {
                #expect(try rkt.shell(script, pod: volume).succeeded)
                let uuid = try #require(rkt.pods(in: "run").first)
                let pod = rkt.scratch("data/pods/run/\(uuid)")
                let upper = "\(pod)/overlay/busybox/upper/a"
                try tool("chattr", "+i", "\(upper)/b/f", "\(upper)/b", upper)
                try tool("chattr", "+a", "\(pod)/sharedVolumes/v/c/f", "\(pod)/sharedVolumes/v/c")
                let outcome = try rkt(command + (command == ["rm"] ? [uuid] : []))
                #expect(outcome.succeeded, "\(outcome)")
                for phase in ["run", "exited-garbage", "garbage"] {
                    let left = rkt.pods(in: phase)
                    #expect(left.isEmpty)
                    if !left.isEmpty {
                        try tool("chattr", "-R", "-i", "-a", rkt.scratch("data/pods/\(phase)"))
                    }
                }
            }
        }

        @Test func aPodThatCannotBeCollectedIsSaidAndTheOthersGo() throws {
            for _ in 0..<2 { #expect(try rkt.shell("true").succeeded) }
            let uuid = try #require(rkt.pods(in: "run").first)
            let precious = try rkt.scratch.makeDirectory("precious")
            try rkt.scratch.write("kept", to: "precious/file")
            #expect(try rkt("gc", "--mark-only").succeeded)
            let pod = rkt.scratch("data/pods/exited-garbage/\(uuid)")
            try tool("mount", "--bind", precious, "\(pod)/overlay")
            let gc = try rkt("gc", "--grace-period=0s")
            #expect(gc.code == 254 && gc.errors.contains(uuid), "\(gc)")
            #expect(rkt.scratch.read("precious/file") == "kept")
            #expect(rkt.pods(in: "exited-garbage") + rkt.pods(in: "garbage") == [uuid])
            try tool("umount", "\(pod)/overlay")
            #expect(try rkt("gc", "--grace-period=0s").succeeded)
            #expect(rkt.pods(in: "exited-garbage") + rkt.pods(in: "garbage") == [])
        }

        @Test func gcWorksOnAFullDisk() throws {
            let disk = try SmallFileSystem(megabytes: 64)
            let data = "--dir=\(disk.path)/data"
            func rkt(_ arguments: String...) throws -> Outcome {
                try Execution([Rkt.program, data] + arguments).finished(within: 60)
            }
            let image = try SharedFiles.busyboxACI.get()
            #expect(try rkt("--insecure-options=image", "fetch", image).succeeded)
            let before = try disk.used()
            let fill = "head -c 100m /dev/zero > /fill; : > /a; echo full"
            let full = try rkt("run", "--net=none", busybox, "--exec=/bin/sh", "--", "-c", fill)
            #expect(full.errors.contains("head:"), "\(full)")
            let gc = try rkt("gc", "--grace-period=0s")
            #expect(gc.succeeded, "\(gc)")
            #expect(try rkt("list", "--no-legend").output.isEmpty)
            #expect(try disk.used() <= before + (1 << 20))
            let again = try rkt("run", "--net=none", busybox, "--exec=/bin/echo", "--", "again")
            #expect(again.text == "again", "\(again)")
            #expect(try rkt("gc", "--grace-period=0s").succeeded)
        }

        @Test func gcExpiresPreparedPodsAndLeavesRunningOnes() throws {
            _ = try rkt.prepare([busybox])
            let pod = try rkt.startPod(["--net=none"] + Self.sleeper)
            #expect(try rkt("gc", "--grace-period=0s", "--expire-prepared=0s").succeeded)
            #expect(rkt.pods(in: "prepared").isEmpty)
            #expect(rkt.pods(in: "run") == [pod.uuid])
            try pod.stop()
        }

        @Test func aUUIDIsAnyUniquePrefixOrAFile() throws {
            let uuid = try rkt.prepare([busybox])
            #expect(try rkt("status", String(uuid.prefix(6)).uppercased()).succeeded)
            let file = try rkt.scratch.write("\(uuid)\n", to: "uuid")
            #expect(try rkt("status", "--uuid-file=\(file)").succeeded)
            #expect(try rkt("cat-manifest", "--uuid-file=\(file)").succeeded)
            #expect(try rkt("rm", "--uuid-file=\(file)").succeeded)
            let missing = try rkt("status", uuid)
            #expect(missing.code == 254 && missing.errors.contains("no matches"), "\(missing)")
            #expect(try rkt("status", "").code == 254)
        }

        @Test func theManifestIsPrintedAsStored() throws {
            let uuid = try rkt.prepare(["--set-env=A=b", busybox, "--user-label=k=v"])
            let outcome = try rkt("cat-manifest", uuid)
            let pod = try JSON.parse(Array(outcome.output.utf8))
            #expect(pod["acKind"]?.string == "PodManifest")
            #expect(pod["apps"]?.array?.first?["name"]?.string == "busybox")
            #expect(try rkt("cat-manifest", "--pretty-print=false", uuid).lines.count == 1)
        }

        @Test func aPodManifestRunsAsItIs() throws {
            let uuid = try rkt.prepare([busybox, "--exec=/bin/echo", "--", "again"])
            let manifest = try rkt("cat-manifest", uuid).output
            let file = try rkt.scratch.write(manifest, to: "pod.json")
            let outcome = try rkt("run", "--net=none", "--pod-manifest=\(file)")
            #expect(outcome.text == "again", "\(outcome)")
            let both = try rkt("run", "--net=none", "--pod-manifest=\(file)", busybox)
            #expect(both.code == 254 && both.errors.contains("pod-manifest"), "\(both)")
        }

        @Test func imagesMayGoWhilePodsUseThem() throws {
            let uuid = try rkt.prepare([busybox, "--exec=/bin/echo", "--", "still here"])
            #expect(try rkt("image", "rm", busybox).succeeded)
            let run = try rkt("run-prepared", "--net=none", uuid)
            #expect(run.text == "still here", "\(run)")
        }

        @Test func theHandlersRunAroundTheApp() throws {
            func handler(_ name: String) -> [String: Any] {
                ["name": name, "exec": ["/bin/sh", "-c", "echo \(name) >> /log/x"]]
            }
            let rkt = try Rkt.with(
                app: ["eventHandlers": [handler("pre-start"), handler("post-stop")]]
            )
            let log = try rkt.scratch.makeDirectory("log")
            let outcome = try rkt(
                ["run", "--net=none", "--volume=log,kind=host,source=\(log)"]
                    + ["--mount=volume=log,target=/log", busybox, "--exec=/bin/sh"]
                    + ["--", "-c", "echo app >> /log/x"]
            )
            #expect(outcome.succeeded, "\(outcome)")
            #expect(rkt.scratch.read("log/x") == "pre-start\napp\npost-stop\n")
        }

        /// An app that ignores SIGTERM, and a handler.
        private func stubborn(_ handler: String) throws -> (pod: BackgroundPod, log: Scratch) {
            let rkt = try Rkt.with(
                app: [
                    "eventHandlers": [
                        ["name": "post-stop", "exec": ["/bin/sh", "-c", handler]] as [String: Any]
                    ]
                ]
            )
            let log = try rkt.scratch.makeDirectory("log")
            let pod = try rkt.startPod(
                ["--net=none", "--volume=log,kind=host,source=\(log)"]
                    + ["--mount=volume=log,target=/log", busybox]
                    + ["--exec=/bin/probe", "--", "--catch=15", "--out=ready", "--ignore=15"]
            )
            #expect(eventually { pod.execution.output.contains("ready") })
            return (pod, rkt.scratch)
        }

        @Test func thePostStopHandlerRunsAfterTheGracePeriod() throws {
            let (pod, scratch) = try stubborn("echo over > /log/x")
            let outcome = try pod.rkt("stop", "--timeout=100ms", pod.uuid)
            #expect(outcome.succeeded, "\(outcome)")
            #expect(pod.execution.finished().code == 137)
            #expect(scratch.read("log/x") == "over\n")
            #expect(try pod.rkt.status(pod.uuid)["app-busybox"] == "137")
        }

        @Test func aHandlerThatNeverEndsCannotKeepThePod() throws {
            let (pod, scratch) = try stubborn("echo on > /log/x; exec sleep 600")
            let outcome = try pod.rkt("stop", "--timeout=100ms", pod.uuid, within: 60)
            #expect(outcome.succeeded, "\(outcome)")
            #expect(!pod.execution.finished().isTimedOut)
            #expect(scratch.read("log/x") == "on\n")
        }

        @Test func forceEndsThePodWithoutHandlers() throws {
            let (pod, scratch) = try stubborn("echo over > /log/x")
            #expect(try pod.rkt("stop", "--force", pod.uuid).succeeded)
            #expect(pod.execution.finished().code == 137)
            #expect(scratch.read("log/x") == nil)
        }

        @Test(arguments: [
            ("{", "}"), ("{\"acKind\":\"PodManifest\",", "}"), ("{\"acVersion\":\"0.8.11\",", "}"),
            ("{\"acVersion\":\"1\",\"acKind\":\"PodManifest\",", "}"),
            ("{\"acVersion\":\"0.8.11\",\"acKind\":\"ImageManifest\",", "}"),
            ("{\"acVersion\":\"0.8.11\",\"acKind\":\"PodManifest\",", ",\"volumes\":{}}"),
        ])
        func aPodManifestOfAnotherShapeIsRefused(_ start: String, _ end: String) throws {
            let uuid = try rkt.prepare([busybox, "--exec=/bin/true"])
            let json = try JSON.parse(Array(try rkt("cat-manifest", uuid).output.utf8))
            let apps = try #require(json["apps"]).encoded()
            let text = "\(start)\"apps\":\(apps)\(end)"
            let file = try rkt.scratch.write(text, to: "pod.json")
            let outcome = try rkt("run", "--net=none", "--pod-manifest=\(file)")
            #expect(outcome.code == 254 && outcome.errors.contains(file), "\(outcome)")
            #expect(rkt.pods(in: "run").isEmpty)
        }

        @Test func whatAPodManifestSaysTwiceOrNowhereIsRefused() throws {
            let uuid = try rkt.prepare([busybox, "--exec=/bin/true"])
            let json = try JSON.parse(Array(try rkt("cat-manifest", uuid).output.utf8))
            let app = try #require(json["apps"]?.array?.first).encoded()
            let mounted =
                #"{"mounts":[{"volume":"none","path":"/x"}],"#
                + app.dropFirst()
                .replacing(#","mounts":[]"#, with: "")
            let noImage = app.replacing("sha512-", with: "sha512x")
            for apps in ["", "\(app),\(app)", mounted, noImage, "{\"name\":\"x\"}"] {
                let text = #"{"acVersion":"0.8.11","acKind":"PodManifest","apps":[\#(apps)]}"#
                let file = try rkt.scratch.write(text, to: "pod.json")
                let outcome = try rkt("run", "--net=none", "--pod-manifest=\(file)")
                #expect(outcome.code == 254 && !outcome.errors.isEmpty, "\(text): \(outcome)")
            }
            #expect(rkt.pods(in: "run").isEmpty)
        }

        /// R14: nobody else can enter what belongs to a pod.
        @Test func theDataDirectoryIsPrivate() throws {
            let uuid = try rkt.prepare([busybox])
            let outcome = try tool("stat", "-c", "%a", rkt.scratch("data/pods/prepared/\(uuid)"))
            #expect(outcome == "700" || outcome == "711" || outcome == "750", "\(outcome)")
        }
    }
}
