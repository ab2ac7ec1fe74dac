import TestSupport
import Testing

extension Functional {
    /// The verbs of the specification's own tool, under acbuild's names and its own.
    @Suite(.enabled(if: File.exists(Builder.program), "needs the release programs: make build"))
    struct Actool {
        private let builder: Builder
        private static let manifest = #"""
            {"acKind":"ImageManifest","acVersion":"0.8.11","name":"example.com/packed",
             "labels":[{"name":"os","value":"linux"},{"name":"arch","value":"amd64"}],
             "app":{"exec":["/bin/busybox","true"],"user":"0","group":"0"}}
            """#

        /// A layout with a busybox.
        init() throws {
            builder = try Builder()
            try builder.scratch.makeDirectory("layout/rootfs/bin")
            try builder.scratch.write(Self.manifest, to: "layout/manifest")
            try tool("cp", "/bin/busybox", builder.scratch("layout/rootfs/bin/busybox"))
        }

        private func actool(_ arguments: String...) throws -> Outcome {
            try Execution(
                ["\(Rkt.dist)/bin/actool", "--dir=\(builder.rkt.data)"] + arguments,
                directory: builder.scratch.path
            ).finished(within: 60)
        }

        @Test func aLayoutBecomesAnImageThatRuns() throws {
            let built = try actool("build", "--owner-root", "layout", "packed.aci")
            #expect(built.succeeded, "\(built)")
            let image = try Builder.inspect(aci: builder.scratch("packed.aci"))
            #expect(image.id == built.text)
            #expect(image.entries["rootfs/bin/busybox"]?["uid"] as? Int == 0)
            #expect(try actool("build", "layout", "packed.aci").code == 1)
            #expect(try builder("pack", "--overwrite", "layout", "packed.aci").succeeded)
            #expect(try builder("pack", "layout", "packed.tar").code == 1)
            _ = try builder.rkt.fetch(builder.scratch("packed.aci"))
            #expect(try builder.rkt("run", "--net=none", "example.com/packed").succeeded)
        }

        @Test func whatIsValidIsToldByTheExitCode() throws {
            try builder.all([["pack", "layout", "packed.aci"]])
            let valid = try actool("--debug", "validate", "packed.aci", "layout", "layout/manifest")
            #expect(valid.succeeded, "\(valid)")
            #expect(valid.errors.contains("packed.aci: valid app container image"))
            #expect(valid.errors.contains("layout: valid image layout"))
            #expect(valid.errors.contains("layout/manifest: valid ImageManifest"))
            #expect(try actool("validate", "packed.aci").errors == "")
            #expect(try actool("validate").code == 1)
            #expect(try actool("validate", "--type=layout", "packed.aci").code == 1)
        }

        @Test(arguments: [
            ("m(); d('rootfs')", true), ("d('rootfs'); m()", true),
            ("m(); d('./rootfs'); f('./rootfs/a')", true), ("d('rootfs')", false), ("m()", false),
            ("m(); f('rootfs')", false), ("m(); d('rootfs'); f('rootfs2/x')", false),
            ("m(); m(); d('rootfs')", false), ("m(); d('rootfs'); f('other')", false),
            ("m(); d('rootfs'); f('rootfs/../../x')", false),
            ("m(); d('rootfs'); f('rootfs/a'); f('rootfs//a')", false),
            ("f('manifest', b'{}'); d('rootfs')", false),
        ])
        func archivesAreHeldToTheRules(_ members: String, _ isValid: Bool) throws {
            let script = """
                import io, sys, tarfile
                archive = tarfile.open(sys.argv[2], "w:gz")
                def f(name, data=b"x"):
                    entry = tarfile.TarInfo(name)
                    entry.size = len(data)
                    archive.addfile(entry, io.BytesIO(data))
                def d(name):
                    entry = tarfile.TarInfo(name)
                    entry.type = tarfile.DIRTYPE
                    archive.addfile(entry)
                def m(): f("manifest", open(sys.argv[1], "rb").read())
                \(members)
                archive.close()
                """
            try tool(
                "python3",
                "-c",
                script,
                builder.scratch("layout/manifest"),
                builder.scratch("odd.aci")
            )
            let outcome = try actool("validate", "odd.aci")
            #expect(outcome.code == (isValid ? 0 : 1), "\(outcome)")
            #expect(isValid || outcome.errors.contains("odd.aci: error validating: "))
        }

        @Test func aCutOffImageIsNotValid() throws {
            try builder.all([["pack", "layout", "packed.aci"]])
            try tool("truncate", "-s", "-100", builder.scratch("packed.aci"))
            #expect(try actool("validate", "packed.aci").code == 1)
        }

        @Test func aManifestIsPatched() throws {
            try builder.all([["pack", "layout", "packed.aci"]])
            let patched = try actool(
                "patch-manifest",
                "--name=example.com/patched",
                "--exec=/bin/busybox echo hello",
                "--user=1",
                "--group=2",
                "--supplementary-groups=3,4",
                "--capability=CAP_CHOWN",
                "--mounts=work,path=/opt,readOnly=true:more,path=/srv",
                "--ports=query,protocol=tcp,port=8080",
                "--isolators=resource/memory,limit=100M:os/linux/no-new-privileges,true",
                "--seccomp-mode=remove,errno=EPERM",
                "--seccomp-set=mount,umount2",
                "packed.aci",
                "patched.aci"
            )
            #expect(patched.succeeded, "\(patched)")
            let app = try Builder.inspect(aci: builder.scratch("patched.aci")).app
            #expect(app["exec"] as? [String] == ["/bin/busybox", "echo", "hello"])
            #expect(app["user"] as? String == "1" && app["group"] as? String == "2")
            #expect(app["supplementaryGIDs"] as? [Int] == [3, 4])
            #expect(
                (app["mountPoints"] as? [[String: Any]])?.map { $0["path"] as? String } == [
                    "/opt", "/srv",
                ]
            )
            #expect((app["ports"] as? [[String: Any]])?.first?["port"] as? Int == 8080)
            let isolators = (app["isolators"] as? [[String: Any]] ?? []).compactMap {
                $0["name"] as? String
            }
            #expect(
                Set(isolators) == [
                    "os/linux/capabilities-retain-set", "os/linux/seccomp-remove-set",
                    "resource/memory", "os/linux/no-new-privileges",
                ]
            )
            let text = try actool("cat-manifest", "patched.aci")
            #expect(text.output.contains(#""name":"example.com/patched""#), "\(text)")
            #expect(
                try actool("cat-manifest", "--pretty-print", "patched.aci").output.contains(
                    "\n    \"name\""
                )
            )
        }

        @Test(arguments: [
            ["packed.aci"], ["packed.aci", "out.tar"], ["--replace", "--overwrite", "packed.aci"],
            ["--seccomp-set=mount", "packed.aci", "out.aci"],
            ["--capability=CAP_CHOWN", "--revoke-capability=CAP_KILL", "packed.aci", "out.aci"],
            ["--isolators=os/linux/seccomp-retain-set,x=1", "packed.aci", "out.aci"],
            ["--manifest=layout/manifest", "--name=a", "packed.aci", "out.aci"],
            ["--ports=www,protocol=tcp,port=0", "packed.aci", "out.aci"],
        ])
        func aPatchThatMeansNothingChangesNothing(_ arguments: [String]) throws {
            try builder.all([["pack", "layout", "packed.aci"]])
            let before = try tool("sha256sum", builder.scratch("packed.aci"))
            let outcome = try builder(["patch-manifest"] + arguments)
            #expect(!outcome.succeeded, "\(outcome)")
            #expect(!File.exists(builder.scratch("out.aci")))
            #expect(try tool("sha256sum", builder.scratch("packed.aci")) == before)
        }

        @Test func rktBuildsAContainerfile() throws {
            try builder.scratch.write(
                "FROM scratch\nARG word\nCOPY bin/busybox /bin/\nENV word=$word\nCMD [\"/bin/busybox\", \"env\"]\n",
                to: "layout/rootfs/Containerfile"
            )
            let built = try builder.rkt(
                "build",
                "-t",
                "example.com/fromrkt:1",
                "--build-arg",
                "word=hello",
                builder.scratch("layout/rootfs")
            )
            #expect(built.succeeded, "\(built)")
            let run = try builder.rkt("run", "--net=none", "example.com/fromrkt:1")
            #expect(run.output.contains("word=hello\n"), "\(run)")
            #expect(try builder.rkt("build", "--no-such-flag").code != 0)
        }
    }
}
