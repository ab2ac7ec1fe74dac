import Foundation
import TestSupport
import Testing

extension Functional {
    /// Building ACIs step by step.
    @Suite(.enabled(if: File.exists(Builder.program), "needs the release programs: make build"))
    struct Acbuild {
        /// Commands that make a small image out of the test's busybox.
        private static func begin(_ builder: Builder, name: String = "example.com/built") throws {
            try tool("cp", "/bin/busybox", builder.scratch("busybox"))
            try builder.all([
                ["begin"], ["set-name", name], ["copy", "busybox", "/bin/busybox"],
                ["set-exec", "--", "/bin/busybox", "echo", "it runs"],
            ])
        }

        @Test func anImageIsBuiltAndRuns() throws {
            let builder = try Builder()
            try Self.begin(builder)
            let id = try builder.all([["write", "built.aci"]])
            let image = try Builder.inspect(aci: builder.scratch("built.aci"))
            #expect(image.id == id)
            #expect(image.entries["rootfs/bin/busybox"]?["mode"] as? Int == 0o755)
            #expect(image.app["exec"] as? [String] == ["/bin/busybox", "echo", "it runs"])
            try builder.all([["end"]])
            #expect(!File.exists(builder.scratch(".acbuild")))
            #expect(try builder.rkt.fetch(builder.scratch("built.aci")) != "")
            let run = try builder.rkt("run", "--net=none", "example.com/built")
            #expect(run.output == "it runs\n", "\(run)")
        }

        @Test func whatIsSetIsInTheManifest() throws {
            let builder = try Builder()
            try Self.begin(builder)
            _ = try builder("isolator", "add", "resource/memory", "-", input: #"{"limit":"1G"}"#)
            try builder.all([
                ["label", "add", "version", "1.0"], ["annotation", "add", "authors", "A"],
                ["environment", "add", "GREETING", "a b"], ["set-user", "1000"],
                ["set-group", "staff"], ["set-supp-groups", "1", "2"], ["set-wd", "/bin"],
                ["mount", "add", "data", "/data", "--read-only"],
                ["port", "add", "www", "tcp", "80", "--count=2"],
                ["dependency", "add", "example.com/base:2,os=linux", "--size=7"],
                ["set-event-handler", "pre-start", "--", "/bin/pre", "-x"], ["write", "a.aci"],
            ])
            let image = try Builder.inspect(aci: builder.scratch("a.aci"))
            let (manifest, app) = (image.manifest, image.app)
            #expect(app["user"] as? String == "1000" && app["group"] as? String == "staff")
            #expect(app["supplementaryGIDs"] as? [Int] == [1, 2])
            #expect(app["workingDirectory"] as? String == "/bin")
            let handlers = app["eventHandlers"] as? [[String: Any]]
            #expect(handlers?.first?["exec"] as? [String] == ["/bin/pre", "-x"])
            let mounts = app["mountPoints"] as? [[String: Any]]
            #expect(mounts?.first?["readOnly"] as? Bool == true)
            let ports = app["ports"] as? [[String: Any]]
            #expect(ports?.first?["count"] as? Int == 2)
            let dependencies = manifest["dependencies"] as? [[String: Any]]
            #expect(dependencies?.first?["size"] as? Int == 7)
            #expect((dependencies?.first?["labels"] as? [Any])?.count == 2)
            let isolators = app["isolators"] as? [[String: Any]]
            #expect(isolators?.first?["name"] as? String == "resource/memory")
            let annotations = manifest["annotations"] as? [[String: String]] ?? []
            let history = annotations.filter {
                $0["name"]?.hasPrefix("coreos.com/acbuild/command-") ?? false
            }
            #expect(
                history.contains { $0["value"] == #"acbuild environment add "GREETING" "a b""# }
            )
            try builder.all([
                ["label", "rm", "version"], ["env", "rm", "GREETING"], ["mount", "rm", "/data"],
                ["port", "rm", "80"], ["dep", "rm", "example.com/base"],
                ["isolator", "rm", "resource/memory"], ["annotation", "rm", "authors"],
                ["write", "--overwrite", "a.aci"],
            ])
            let less = try Builder.inspect(aci: builder.scratch("a.aci"))
            for member in ["environment", "mountPoints", "ports", "isolators"] {
                #expect(less.app[member] == nil, "\(member)")
            }
            #expect(less.manifest["dependencies"] == nil)
        }

        /// Scripts look at these.
        @Test func exitCodesAreThoseOfAcbuild() throws {
            let builder = try Builder()
            let before = try builder("set-name", "example.com/a")
            #expect(before.code == 1, "\(before)")
            #expect(before.errors == "set-name: build not in progress in this working dir\n")
            try builder.all([["begin"]])
            let twice = try builder("begin")
            #expect(twice.code == 1 && twice.errors.contains("already in progress"), "\(twice)")
            for element in ["label", "environment", "mount", "port", "dependency", "annotation"] {
                let outcome = try builder(element, "remove", "nothing")
                #expect(outcome.code == 2, "\(outcome)")
            }
            #expect(try builder("isolator", "remove", "resource/cpu").code == 1)
            #expect(try builder("no-such-command").code == 3)
            #expect(try builder("begin", "--no-such-flag").code == 3)
            let missing = try builder("label", "add", "one")
            #expect(missing.code == 1 && missing.output.hasPrefix("usage: "), "\(missing)")
            let unnamed = try builder("write", "a.aci")
            #expect(unnamed.code == 1)
            #expect(unnamed.errors == "write: can't write ACI, name was never set\n")
            #expect(!File.exists(builder.scratch("a.aci")))
            try builder.all([["set-name", "a"], ["write", "a.aci"]])
            let there = try builder("write", "a.aci")
            #expect(
                there.code == 1 && there.errors.contains("ACI already exists: a.aci"),
                "\(there)"
            )
            #expect(try builder("version").succeeded)
            #expect(try builder("help", "copy").output.contains("acbuild copy"))
        }

        @Test func theSameInputBecomesTheSameImage() throws {
            var ids: Set<String> = []
            for _ in 0..<2 {
                let builder = try Builder()
                try builder.scratch.write("text\n", to: "tree/a/file")
                try tool("touch", "-d", "2020-01-02", builder.scratch("tree/a/file"))
                try tool("touch", "-d", "2020-01-02", builder.scratch("tree/a"))
                try tool("touch", "-d", "2020-01-02", builder.scratch("tree"))
                try builder.all([
                    ["begin"], ["set-name", "example.com/same"], ["copy", "tree", "/srv/tree"],
                    ["copy-to-dir", "tree/a", "/opt"],
                ])
                ids.insert(try builder.all([["write", "a.aci"]]))
            }
            #expect(ids.count == 1)
            let builder = try Builder()
            let epoch = ["SOURCE_DATE_EPOCH": "1000000000", "PATH": "/usr/bin:/bin"]
            try builder.scratch.write("text\n", to: "file")
            try builder.all(
                [["begin"], ["set-name", "a"], ["copy", "file", "/x/file"], ["write", "a.aci"]],
                environment: epoch
            )
            let image = try Builder.inspect(aci: builder.scratch("a.aci"))
            for (name, entry) in image.entries {
                #expect(entry["mtime"] as? Int ?? 0 <= 1_000_000_000, "\(name)")
            }
        }

        @Test func copyingKeepsEverythingAndMerges() throws {
            let builder = try Builder()
            let script = """
                mkdir -p t/dir t/empty && echo one > t/dir/one && ln t/dir/one t/dir/two
                ln -s /etc/passwd t/link && mkfifo t/fifo && chmod 4755 t/dir/one && chmod 1777 t/empty
                chown 70000:4294967294 t/link -h && chown 1234:5678 t/empty
                touch -d @1500000000 t/dir/one t/dir t/empty; echo two > over
                python3 -c 'import os; os.setxattr("over", b"user.comment", b"kept")'
                """
            let made = try Execution(["/bin/sh", "-ec", script], directory: builder.scratch.path)
                .finished()
            try #require(made.succeeded, "\(made)")
            try builder.all([
                ["begin"], ["set-name", "a"], ["copy", "t", "/a/b"], ["copy", "over", "/a/b/over"],
                ["copy", "t/dir", "/a/b/empty"], ["write", "a.aci"],
            ])
            let entries = try Builder.inspect(aci: builder.scratch("a.aci")).entries
            #expect(entries["rootfs/a/b/dir/one"]?["mode"] as? Int == 0o4755)
            #expect(entries["rootfs/a/b/dir/two"]?["link"] as? String == "rootfs/a/b/dir/one")
            #expect(entries["rootfs/a/b/link"]?["link"] as? String == "/etc/passwd")
            #expect(entries["rootfs/a/b/link"]?["gid"] as? Int == 4_294_967_294)
            #expect(entries["rootfs/a/b/fifo"]?["type"] as? String == "6")
            let empty = entries["rootfs/a/b/empty"]
            #expect(empty?["mode"] as? Int == 0o1777 && empty?["uid"] as? Int == 1234)
            #expect(empty?["mtime"] as? Int == 1_500_000_000)
            #expect(entries["rootfs/a/b/empty/one"] != nil)
            let attributes = entries["rootfs/a/b/over"]?["pax"] as? [String: String]
            #expect(attributes?["SCHILY.xattr.user.comment"] == "kept")
        }

        /// A link of the image that leads out of it leads nowhere else than into the image.
        @Test func noLinkLeadsOutOfTheImage() throws {
            let builder = try Builder()
            let outside = builder.scratch("outside")
            try builder.scratch.makeDirectory("outside")
            try builder.scratch.makeDirectory("tree")
            try tool("ln", "-s", outside, builder.scratch("tree/absolute"))
            try tool("ln", "-s", "../../../../../../..\(outside)", builder.scratch("tree/relative"))
            try builder.scratch.write("x", to: "file")
            try builder.all([
                ["begin"], ["set-name", "a"], ["copy", "tree", "/t"],
                ["copy", "file", "/t/absolute/one"], ["copy", "file", "/t/relative/two"],
                ["copy", "file", "/../../three"], ["write", "a.aci"],
            ])
            #expect(builder.scratch.list("outside").isEmpty)
            let names = try Builder.inspect(aci: builder.scratch("a.aci")).names
            #expect(
                names.contains("rootfs\(outside)/one") && names.contains("rootfs\(outside)/two")
            )
            #expect(names.contains("rootfs/three"))
        }

        @Test func oddFilesDoNoHarm() throws {
            let builder = try Builder()
            let script = """
                import os, socket
                os.mkdir("t"); os.chdir("t")
                open(b"new\\nline", "w").close(); open(b"\\xff\\xfe", "w").close(); open(b"-rf *", "w").close()
                os.mknod("device", 0o020644, os.makedev(1, 3)); os.mknod("nothing", 0o020644, 0)
                socket.socket(socket.AF_UNIX).bind("socket")
                with open("sparse", "wb") as file: file.truncate(1 << 28)
                open("a" * 255, "w").close()
                """
            let made = try Execution(
                ["/usr/bin/python3", "-c", script],
                directory: builder.scratch.path
            ).finished()
            try #require(made.succeeded, "\(made)")
            try builder.all([["begin"], ["set-name", "a"]])
            let copy = try builder("copy", "t", "/t")
            #expect(copy.succeeded && copy.errors.contains("left out \"device\""), "\(copy)")
            #expect(copy.errors.contains("left out \"socket\""), "\(copy)")
            try builder.all([["write", "a.aci"]])
            let size = try tool("stat", "-c", "%s", builder.scratch("a.aci"))
            #expect((Int(size) ?? .max) < 40 << 20)
            let entries = try Builder.inspect(aci: builder.scratch("a.aci")).entries
            #expect(entries["rootfs/t/new\nline"] != nil)
            #expect(entries["rootfs/t/sparse"]?["size"] as? Int == 1 << 28)
            #expect(entries["rootfs/t/device"] == nil && entries["rootfs/t/nothing"] == nil)
            let run = try builder.rkt.fetch(builder.scratch("a.aci"))
            #expect(run.hasPrefix("sha512-"))
        }

        /// No reader takes longer ones, so nothing is written.
        @Test func aPathThatIsTooLongIsRefused() throws {
            let builder = try Builder()
            let script = """
                import os
                os.mkdir("t"); os.chdir("t")
                for _ in range(25): os.mkdir("d" * 200); os.chdir("d" * 200)
                """
            try tool("sh", "-c", "cd '\(builder.scratch.path)' && python3 -c '\(script)'")
            try builder.all([["begin"], ["set-name", "a"], ["copy", "t", "/t"]])
            let write = try builder("write", "a.aci")
            #expect(write.code == 1 && write.errors.contains("more than 4096 bytes"), "\(write)")
            #expect(
                builder.scratch.list()
                    == [".acbuild", "data", "t"].filter { File.exists(builder.scratch($0)) }
            )
            try builder.all([["end"]])
        }

        @Test func aRefusedCopyChangesNothing() throws {
            let builder = try Builder()
            try builder.scratch.write("x", to: "file")
            try builder.scratch.makeDirectory("tree/sub")
            try builder.all([["begin"], ["set-name", "a"], ["copy", "file", "/sub"]])
            let before = try builder("cat-manifest").output
            for arguments in [
                ["copy", "tree", "/"], ["copy", "nothing", "/x"], ["copy", "file", "/x/"],
                ["copy", "tree", "/sub/x"], ["copy-to-dir", "file", "/sub"], ["copy", "file", "/"],
            ] {
                let outcome = try builder(arguments)
                #expect(outcome.code == 1, "\(outcome)")
                #expect(outcome.errors.hasPrefix(arguments[0] + ": "), "\(outcome)")
            }
            #expect(try builder("cat-manifest").output == before)
            try builder.all([["write", "a.aci"]])
            #expect(
                try Builder.inspect(aci: builder.scratch("a.aci")).names
                    == ["manifest", "rootfs", "rootfs/sub"]
            )
        }

        @Test func twoCommandsExcludeEachOther() throws {
            let builder = try Builder()
            try builder.all([["begin"]])
            let script = """
                import fcntl, os, sys, time
                fcntl.flock(os.open(sys.argv[1], os.O_RDONLY), fcntl.LOCK_EX)
                print("held", flush=True); time.sleep(60)
                """
            let holder = try Execution(
                ["/usr/bin/python3", "-c", script, builder.scratch(".acbuild")]
            )
            #expect(eventually { holder.output.contains("held") })
            let outcome = try builder("set-name", "a")
            #expect(outcome.code == 1 && outcome.errors.contains("lock already held"), "\(outcome)")
            holder.signal(SIGKILL)
            _ = holder.finished(within: 5)
            #expect(try builder("set-name", "a").succeeded)
        }

        /// Whatever point a command is killed at, the image is the one before or the one after, and `end` leaves nothing.
        @Test func killingCommandsLosesNothing() throws {
            let builder = try Builder()
            for index in 0..<200 {
                try builder.scratch.write("\(index)", to: "tree/\(index % 7)/\(index)")
            }
            try builder.all([["begin"], ["set-name", "a"]])
            for delay in stride(from: 0.5, through: 12, by: 0.7) {
                let command = try builder.start(["copy", "tree", "/t"])
                usleep(UInt32(delay * 1000))
                command.signal(SIGKILL)
                _ = command.finished(within: 10)
                try builder.all([
                    ["label", "add", "version", "1"], ["write", "--overwrite", "a.aci"],
                ])
                let names = try Builder.inspect(aci: builder.scratch("a.aci")).names
                let files = names.filter {
                    $0.hasPrefix("rootfs/t/") && $0.split(separator: "/").count == 4
                }
                #expect(
                    files.isEmpty || files.count == 200,
                    "\(files.count) files after \(delay) ms"
                )
                try builder.all([["end"], ["begin"], ["set-name", "a"]])
                #expect(
                    try tool(
                        "sh",
                        "-c",
                        "grep -c '\(builder.scratch.path)' /proc/self/mounts || true"
                    ) == "0"
                )
            }
            for delay in stride(from: 0.5, through: 5, by: 0.9) {
                let end = try builder.start(["end"])
                usleep(UInt32(delay * 1000))
                end.signal(SIGKILL)
                _ = end.finished(within: 10)
                _ = try builder("end")
                #expect(!File.exists(builder.scratch(".acbuild")))
                try builder.all([["begin"]])
            }
        }

        @Test func anImageIsModifiedWithoutABuild() throws {
            let builder = try Builder()
            try Self.begin(builder)
            try builder.all([["write", "a.aci"], ["end"]])
            try builder.all([["--modify", "a.aci", "label", "add", "version", "9"]])
            let image = try Builder.inspect(aci: builder.scratch("a.aci"))
            let labels = image.manifest["labels"] as? [[String: String]] ?? []
            #expect(labels.contains { $0["name"] == "version" && $0["value"] == "9" })
            #expect(image.names.contains("rootfs/bin/busybox"))
            let before = try tool("sha256sum", builder.scratch("a.aci"))
            #expect(try builder("--modify=a.aci", "label", "rm", "nothing").code == 2)
            #expect(try tool("sha256sum", builder.scratch("a.aci")) == before)
            #expect(builder.scratch.list().filter { $0.hasPrefix(".") }.isEmpty)
        }

        @Test func aBuildBeginsWithAnImageOrADirectory() throws {
            let builder = try Builder()
            try tool("cp", try SharedFiles.busyboxACI.get(), builder.scratch("base.aci"))
            try builder.scratch.write("x", to: "more")
            try builder.all([
                ["begin", "./base.aci"], ["set-name", "example.com/child"],
                ["copy", "more", "/etc/more"], ["write", "child.aci"], ["end"],
            ])
            let child = try Builder.inspect(aci: builder.scratch("child.aci"))
            #expect(child.names.contains("rootfs/bin/probe"))
            #expect(child.entries["rootfs/etc/more"]?["text"] as? String == "x")
            try builder.scratch.write("y", to: "tree/inner/file")
            try tool("chmod", "0711", builder.scratch("tree"))
            try builder.all([
                ["begin", "./tree"], ["set-name", "example.com/tree"], ["write", "tree.aci"],
                ["end"],
            ])
            let tree = try Builder.inspect(aci: builder.scratch("tree.aci"))
            #expect(tree.names == ["manifest", "rootfs", "rootfs/inner", "rootfs/inner/file"])
            #expect(tree.entries["rootfs"]?["mode"] as? Int == 0o711)
            try builder.rkt.fetch(builder.scratch("child.aci"))
            try builder.all([
                ["begin", "example.com/child"], ["set-name", "example.com/grandchild"],
                ["write", "grandchild.aci"], ["end"],
            ])
            let grandchild = try Builder.inspect(aci: builder.scratch("grandchild.aci"))
            #expect(grandchild.names == child.names)
            let failed = try builder("begin", "./more")
            #expect(failed.code == 1 && !File.exists(builder.scratch(".acbuild")), "\(failed)")
        }

        @Test(.requiresUserNamespaces, arguments: [UnprivilegedUser.Ids.range, .single])
        func anOrdinaryUserBuilds(_ ids: UnprivilegedUser.Ids) throws {
            let user = try UnprivilegedUser(ids: ids)
            let script = """
                set -e; cd "$HOME"; export LC_ALL=C
                echo text > file; A="$HOME/dist/bin/acbuild"
                $A begin; $A set-name example.com/user; $A copy file /etc/file
                $A copy /bin/busybox /bin/busybox; $A set-exec -- /bin/busybox cat /etc/file
                $A write user.aci; $A end; ls -A
                """
            let built = try user.run(["/bin/sh", "-c", script])
            try #require(built.succeeded, "\(built)")
            #expect(!built.output.contains(".acbuild"), "\(built)")
            let image = try Builder.inspect(aci: user.home("user.aci"))
            #expect(image.entries["rootfs/etc/file"]?["uid"] as? Int == 0)
        }
    }
}
