import Foundation
import TestSupport
import Testing

extension Functional {
    /// Running programs in an image that is being built, and OCI images.
    @Suite(.enabled(if: File.exists(Builder.program), "needs the release programs: make build"))
    struct AcbuildRun {
        /// A build that begins with the test's busybox.
        private static func begin(_ format: String = "appc") throws -> Builder {
            let builder = try Builder()
            try tool("cp", try SharedFiles.busyboxACI.get(), builder.scratch("base.aci"))
            let start = format == "oci" ? "./base.oci" : "./base.aci"
            if format == "oci" {
                try builder.all([
                    ["begin", "--build-mode=appc", "./base.aci"],
                    ["write", "--overwrite", "base.aci"], ["end"],
                ])
                let script = "mkdir -p t && tar -xf base.aci -C t --strip-components=1 rootfs"
                try tool("sh", "-c", "cd '\(builder.scratch.path)' && \(script)")
                try builder.all([
                    ["begin", "--build-mode=oci", "./t"], ["set-exec", "/bin/sh"],
                    ["write", "base.oci"], ["end"],
                ])
            }
            try builder.all([
                ["begin", "--build-mode=\(format)", start], ["set-name", "example.com/run"],
            ])
            return builder
        }

        @Test func whatAProgramChangesStays() throws {
            let builder = try Self.begin()
            let script = """
                mkdir /new && echo text > /new/file && ln /new/file /new/other
                rm /bin/probe && rm -r /old && mkdir /old && echo fresh > /old/only
                """
            try builder.all([
                ["environment", "add", "GREETING", "hello"],
                ["run", "--", "/bin/sh", "-c", "mkdir -p /old/sub && echo 1 > /old/sub/file"],
                ["run", "--", "/bin/sh", "-c", script],
                ["run", "--", "/bin/sh", "-c", "echo $GREETING > /new/greeting"],
                ["write", "a.aci"],
            ])
            let image = try Builder.inspect(aci: builder.scratch("a.aci"))
            #expect(image.entries["rootfs/new/file"]?["text"] as? String == "text\n")
            #expect(image.entries["rootfs/new/other"]?["link"] as? String == "rootfs/new/file")
            #expect(image.entries["rootfs/new/greeting"]?["text"] as? String == "hello\n")
            #expect(!image.names.contains("rootfs/bin/probe"))
            let old = image.names.filter { $0.hasPrefix("rootfs/old/") }
            #expect(old == ["rootfs/old/only"])
            try builder.all([["end"]])
        }

        @Test func aFailedProgramChangesNothing() throws {
            let builder = try Self.begin()
            let failed = try builder("run", "--", "/bin/sh", "-c", "touch /new; exit 7")
            #expect(
                failed.code == 1 && failed.errors.contains("non-zero exit code: 7"),
                "\(failed)"
            )
            let chroot = try builder("run", "--engine=chroot", "--", "/bin/sh", "-c", "exit 9")
            #expect(chroot.code == 9, "\(chroot)")
            #expect(try builder("run", "--engine=magic", "true").code == 3)
            try builder.all([["write", "a.aci"]])
            let image = try Builder.inspect(aci: builder.scratch("a.aci"))
            #expect(!image.names.contains("rootfs/new"))
            #expect(builder.scratch.list(".acbuild/pods/run").isEmpty)
        }

        @Test func aProgramIsConfined() throws {
            let builder = try Self.begin()
            let run = try builder(
                "run",
                "--net=none",
                "--",
                "/bin/probe",
                "--facts=security,capabilities"
            )
            #expect(run.succeeded && run.facts["seccomp"] == "2", "\(run)")
        }

        @Test func killingARunLeavesNothing() throws {
            let builder = try Self.begin()
            let run = try builder.start(["run", "--", "/bin/sh", "-c", "echo up; sleep 600"])
            #expect(eventually { run.output.contains("up") })
            run.signal(SIGKILL)
            _ = run.finished(within: 10)
            #expect(try builder("end").succeeded)
            #expect(!File.exists(builder.scratch(".acbuild")))
            let left = try tool("sh", "-c", "pgrep -f 'sleep 60[0]' || true")
            #expect(
                left.split(separator: "\n").allSatisfy { pid in
                    !(File.read("/proc/\(pid)/mountinfo") ?? "").contains(builder.scratch.path)
                }
            )
        }

        @Test(.requires("skopeo"), .requires("umoci"))
        func anOCIImageIsWhatOtherToolsExpect() throws {
            let builder = try Self.begin("oci")
            try builder.all([
                ["run", "--", "/bin/sh", "-c", "rm /bin/probe; echo x > /etc/new"],
                ["set-exec", "--", "/bin/sh", "-c", "ls /bin/probe; cat /etc/new"],
                ["environment", "add", "A", "1"], ["label", "add", "who", "me"],
                ["set-tag", "1.0"],
                ["port", "add", "www", "tcp", "80"], ["mount", "add", "data", "/data"],
                ["set-user", "0"], ["set-wd", "/"], ["write", "a.oci"], ["write", "oci:layout"],
                ["write", "--compression=zstd", "z.oci"], ["end"],
            ])
            let layout = "oci-archive:\(builder.scratch("a.oci"))"
            let text = try tool("skopeo", "inspect", "--config", layout)
            let config = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
            let history = config?["history"] as? [[String: Any]] ?? []
            let layers = (config?["rootfs"] as? [String: Any])?["diff_ids"] as? [String] ?? []
            #expect(layers.count == 2)
            #expect(history.count { $0["empty_layer"] as? Bool != true } == 2, "\(history)")
            let execution = config?["config"] as? [String: Any]
            #expect((execution?["ExposedPorts"] as? [String: Any])?["80/tcp"] != nil)
            #expect((execution?["Labels"] as? [String: String])?["who"] == "me")
            let copied = "oci:\(builder.scratch("copied")):x"
            try tool("skopeo", "copy", "-q", "oci-archive:\(builder.scratch("z.oci"))", copied)
            let tags = try tool("umoci", "ls", "--layout", builder.scratch("layout"))
            #expect(tags == "example.com/run:1.0")
            try tool(
                "umoci",
                "unpack",
                "--image",
                "\(builder.scratch("layout")):example.com/run:1.0",
                builder.scratch("bundle")
            )
            #expect(!File.exists(builder.scratch("bundle/rootfs/bin/probe")))
            #expect(File.read(builder.scratch("bundle/rootfs/etc/new")) == "x\n")
            for image in ["oci-archive:a.oci", "oci:layout", "oci-archive:z.oci"] {
                let run = try builder.rkt("run", "--net=none", image)
                #expect(run.output == "x\n", "\(run)")
            }
        }

        @Test func layersOfTheSameFilesAreTheSame() throws {
            var digests: Set<String> = []
            for _ in 0..<2 {
                let builder = try Builder()
                try builder.scratch.write("text", to: "t/a/b")
                try tool(
                    "find",
                    builder.scratch("t"),
                    "-exec",
                    "touch",
                    "-d",
                    "2020-01-01",
                    "{}",
                    "+"
                )
                try builder.all(
                    [
                        ["begin", "--build-mode=oci"], ["copy", "t", "/x/y"], ["set-exec", "/x"],
                        ["write", "oci:layout"],
                    ],
                    environment: ["SOURCE_DATE_EPOCH": "1600000000", "PATH": "/usr/bin"]
                )
                digests.insert(builder.scratch.list("layout/blobs/sha256").joined(separator: " "))
            }
            #expect(digests.count == 1)
        }

        @Test func aScriptIsABuild() throws {
            let builder = try Builder()
            try tool("cp", try SharedFiles.busyboxACI.get(), builder.scratch("base.aci"))
            let script = """
                # a comment
                begin ./base.aci
                set-name example.com/script
                copy "two words" /etc/two   # and another
                run /bin/sh -c \\
                    "echo run > /etc/run"
                write script.aci
                """
            try builder.scratch.write("2", to: "two words")
            try builder.scratch.write(script, to: "steps")
            try builder.all([["script", "steps"]])
            let image = try Builder.inspect(aci: builder.scratch("script.aci"))
            #expect(image.entries["rootfs/etc/run"]?["text"] as? String == "run\n")
            #expect(image.names.contains("rootfs/etc/two"))
            #expect(builder.scratch.list().filter { $0.hasPrefix(".") }.isEmpty)
            try builder.scratch.write("begin\nlabel rm nothing\n", to: "bad")
            let bad = try builder("script", "bad")
            #expect(bad.code == 2 && bad.errors.contains("bad: line 2 failed"), "\(bad)")
            #expect(builder.scratch.list().filter { $0.hasPrefix(".") }.isEmpty)
        }

        @Test(.requiresUserNamespaces) func anOrdinaryUserRunsSteps() throws {
            let user = try UnprivilegedUser(ids: .range)
            try tool("cp", try SharedFiles.busyboxACI.get(), user.home("base.aci"))
            try tool("chmod", "0644", user.home("base.aci"))
            let script = """
                set -e; cd "$HOME"; A="$HOME/dist/bin/acbuild"
                $A begin ./base.aci; $A set-name example.com/user
                $A run -- /bin/sh -c 'id > /etc/id; rm /bin/probe; chown 7:8 /etc/id'
                $A write user.aci; $A end
                """
            let built = try user.run(["/bin/sh", "-c", script])
            try #require(built.succeeded, "\(built)")
            let image = try Builder.inspect(aci: user.home("user.aci"))
            #expect(image.entries["rootfs/etc/id"]?["uid"] as? Int == 7)
            #expect(!image.names.contains("rootfs/bin/probe"))
        }
    }
}
