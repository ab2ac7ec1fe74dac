import Foundation
import TestSupport
import Testing

extension Functional {
    /// Builds that are cut short, and inputs that nobody means well with.
    @Suite(.enabled(if: File.exists(Builder.program), "needs the release programs: make build"))
    struct HostileBuilds {
        private let builder: Builder

        init() throws {
            builder = try Builder()
            try builder.rkt.fetch(try SharedFiles.busyboxACI.get())
        }

        private func mounts() throws -> String {
            try tool("sh", "-c", "grep -c '\(builder.scratch.path)' /proc/self/mounts || true")
        }

        /// Whatever step a build is killed in, the next one does its work and leaves nothing.
        @Test func aKilledBuildIsDoneAgain() throws {
            let text = """
                FROM example.com/busybox
                COPY many /many
                RUN --mount=source=many,target=/m --mount=type=cache,target=/c touch /c/x; sleep 1
                RUN ls /many | wc -l > /count
                """
            for index in 0..<300 {
                try builder.scratch.write("\(index)", to: "context/many/\(index)")
            }
            try builder.scratch.write(text, to: "context/Containerfile")
            let build = ["build", "--output=out.oci", "--overwrite", "context"]
            for delay in [5, 20, 60, 150, 400, 900] {
                let killed = try builder.start(build)
                usleep(UInt32(delay * 1000))
                killed.signal(SIGKILL)
                killed.finished(within: 10)
                #expect(try mounts() == "0", "after \(delay) ms")
            }
            let outcome = try builder(build)
            try #require(outcome.succeeded, "\(outcome)")
            let run = try builder.rkt([
                "run", "--net=none", "oci-archive:out.oci", "--exec=/bin/cat", "--", "/count",
            ])
            #expect(run.output == "300\n", "\(run)")
            #expect(builder.scratch.list("data/build/staging").isEmpty)
            #expect(builder.scratch.list("data/build/pods/run").isEmpty)
        }

        /// Owners that no kernel knows, and members that lead out of the target.
        @Test(arguments: ["uid=2**33", "name='../../../out'", "name='/etc/../../out'", "pax"])
        func archivesThatAreAdded(_ field: String) throws {
            let script = """
                import io, tarfile
                archive = tarfile.open("context/a.tar", "w", format=tarfile.PAX_FORMAT)
                member = tarfile.TarInfo("in")
                member.size = 1
                field = \(field == "pax" ? "'pax'" : "''")
                if field == "pax": member.pax_headers = {"uid": "99999999999999999999"}
                \(field == "pax" ? "" : "member.\(field)")
                archive.addfile(member, io.BytesIO(b"x"))
                archive.close()
                """
            try builder.scratch.write(
                "FROM example.com/busybox\nADD a.tar /a/b/\n",
                to: "context/Containerfile"
            )
            let made = try Execution(
                ["/usr/bin/python3", "-c", script],
                directory: builder.scratch.path
            ).finished()
            try #require(made.succeeded, "\(made)")
            let outcome = try builder("build", "--output=out.oci", "context")
            #expect(outcome.code == 1 && outcome.errors.contains("line 2: "), "\(outcome)")
            #expect(!File.exists(builder.scratch("out.oci")))
            #expect(builder.scratch.list("data/build/staging").isEmpty)
        }

        /// A file of holes costs neither memory nor disk.
        @Test func aHugeSparseFileIsWritten() throws {
            try tool("truncate", "-s", "10G", builder.scratch("sparse"))
            try builder.all([["begin"], ["set-name", "a"], ["copy", "sparse", "/sparse"]])
            let used = try tool("du", "-sk", builder.scratch(".acbuild"))
            #expect((Int(used.prefix { $0.isNumber }) ?? .max) < 1024, "\(used)")
            let write = try builder(["write", "a.aci"], within: 120)
            try #require(write.succeeded, "\(write)")
            let size = try tool("stat", "-c", "%s", builder.scratch("a.aci"))
            #expect((Int(size) ?? .max) < 64 << 20, "\(size)")
            try builder.all([["end"]])
        }

        /// Deeper than a path can be written: it is copied and removed, but not written.
        @Test func aTreeDeeperThanAnyPath() throws {
            let script = """
                import os
                os.makedirs("context/deep"); os.chdir("context/deep")
                for _ in range(45): os.mkdir("d" * 100); os.chdir("d" * 100)
                """
            let made = try Execution(
                ["/usr/bin/python3", "-c", script],
                directory: builder.scratch.path
            ).finished()
            try #require(made.succeeded, "\(made)")
            try builder.scratch.write("FROM scratch\nCOPY deep /x\n", to: "context/Containerfile")
            let outcome = try builder("build", "--output=out.oci", "context")
            #expect(
                outcome.code == 1 && outcome.errors.contains("more than 4096 bytes"),
                "\(outcome)"
            )
            #expect(builder.scratch.list("data/build/staging").isEmpty)
        }
    }
}
