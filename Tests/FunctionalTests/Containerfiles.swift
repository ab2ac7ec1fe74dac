import Foundation
import TestSupport
import Testing

extension Functional {
    /// Images out of Containerfiles.
    @Suite(.enabled(if: File.exists(Builder.program), "needs the release programs: make build"))
    struct Containerfiles {
        /// A directory with a base image, the files given, and a Containerfile.
        private static func context(
            _ text: String,
            _ files: [String: String] = [:]
        ) throws -> Builder {
            let builder = try Builder()
            try builder.rkt.fetch(try SharedFiles.busyboxACI.get())
            try builder.scratch.makeDirectory("context")
            for (name, contents) in files {
                try builder.scratch.write(contents, to: "context/\(name)")
            }
            try builder.scratch.write(text, to: "context/Containerfile")
            return builder
        }

        private static func build(_ builder: Builder, _ arguments: String...) throws -> Outcome {
            try builder(["build", "--tag=example.com/built:1"] + arguments + ["context"])
        }

        private static func run(_ builder: Builder, _ arguments: String...) throws -> Outcome {
            try builder.rkt(["run", "--net=none", "example.com/built:1"] + arguments)
        }

        @Test func aFileWithEverythingIsBuilt() throws {
            let builder = try Self.context(
                """
                ARG BASE=example.com/busybox
                FROM ${BASE} AS tools
                RUN mkdir -p /out/sub && echo made > /out/sub/file && chown 12:34 /out/sub/file

                FROM $BASE
                ARG WHO=nobody
                ENV GREETING="hello $WHO" EMPTY=
                LABEL who=$WHO
                WORKDIR /srv/app
                COPY --from=tools /out .
                COPY --chown=5:6 --chmod=640 *.txt dir/ ./data/
                COPY <<EOF <<'RAW' /etc/docs/
                for $WHO
                EOF
                for $WHO
                RAW
                RUN <<EOF
                echo "$GREETING" > greeting
                pwd >> greeting
                EOF
                ADD archive.tar.gz /unpacked
                EXPOSE 80 443/udp
                VOLUME /data
                STOPSIGNAL SIGINT
                HEALTHCHECK --interval=5s CMD true
                USER 0
                SHELL ["/bin/sh", "-ec"]
                ENTRYPOINT ["/bin/sh", "-c"]
                CMD ["cat greeting /etc/docs/*; cd /srv/app; ls -ln sub data | cut -c1-40; ls /unpacked"]
                """,
                [
                    "a.txt": "a", "b.txt": "b", "c.log": "c", "dir/inner": "i",
                    ".dockerignore": "b.txt\n",
                ]
            )
            let script = "mkdir in && echo x > in/x && tar -czf context/archive.tar.gz in"
            try tool("sh", "-c", "cd '\(builder.scratch.path)' && \(script)")
            let built = try Self.build(builder, "--build-arg=WHO=world")
            try #require(built.succeeded, "\(built)")
            let run = try Self.run(builder)
            #expect(run.output.hasPrefix("hello world\n/srv/app\n"), "\(run)")
            #expect(
                run.output.contains("for world\n") && run.output.contains("for $WHO\n"),
                "\(run)"
            )
            #expect(run.output.contains("12 ") && run.output.contains("34 "), "\(run)")
            #expect(run.output.contains("-rw-r-----"), "\(run)")
            #expect(run.output.hasSuffix("in\n"), "\(run)")
            let config = try builder.rkt("image", "cat-manifest", "example.com/built:1").output
            for part in ["\"who\": \"world\"", "443/udp", "SIGINT", "5000000000", "\"/data\""] {
                #expect(config.contains(part), "\(part): \(config)")
            }
        }

        @Test func aKnownStepIsNotRunAgain() throws {
            let text = """
                FROM example.com/busybox
                COPY file /file
                RUN cat /proc/sys/kernel/random/uuid > /uuid
                ENV A=1
                RUN cat /proc/sys/kernel/random/uuid > /second
                ENTRYPOINT ["/bin/cat", "/uuid", "/second"]
                """
            let builder = try Self.context(text, ["file": "1"])
            #expect(try Self.build(builder).succeeded)
            let first = try Self.run(builder).lines
            let again = try Self.build(builder)
            #expect(again.succeeded && !again.errors.contains("step: RUN"), "\(again)")
            #expect(try Self.run(builder).lines == first)
            try builder.scratch.write(
                text.replacing("A=1", with: "A=2"),
                to: "context/Containerfile"
            )
            let changed = try Self.build(builder)
            #expect(changed.succeeded, "\(changed)")
            let second = try Self.run(builder).lines
            #expect(second[0] == first[0] && second[1] != first[1])
            try builder.scratch.write("2", to: "context/file")
            #expect(try Self.build(builder).succeeded)
            #expect(try Self.run(builder).lines[0] != first[0])
            #expect(try Self.build(builder, "--no-cache").errors.contains("step: RUN"))
        }

        @Test func onlyNeededStagesAreBuilt() throws {
            let builder = try Self.context(
                """
                FROM example.com/busybox AS broken
                RUN exit 1
                FROM example.com/busybox AS one
                ENTRYPOINT ["/bin/echo", "one"]
                FROM one AS two
                ENTRYPOINT ["/bin/echo", "two"]
                FROM broken
                """
            )
            #expect(try Self.build(builder, "--target=two").succeeded)
            #expect(try Self.run(builder).output == "two\n")
            let failed = try Self.build(builder)
            #expect(
                failed.code == 1 && failed.errors.contains("line 2: RUN exit 1: exit code 1"),
                "\(failed)"
            )
            #expect(try Self.build(builder, "--target=three").code == 1)
        }

        @Test(arguments: [
            ("FROM example.com/busybox\nFROB x", "line 2: unknown instruction: FROB"),
            (
                "FROM example.com/busybox\nCOPY ../.. /x",
                "line 2: \"../..\" leads out of the context"
            ),
            ("FROM example.com/busybox\nCOPY nothing /x", "line 2: \"nothing\": no such file"),
            ("FROM example.com/busybox\nCOPY --from=nowhere.example/x a /x", "line 2: "),
            ("FROM example.com/nothing", "line 1: "), ("FROM $NOTHING", "line 1: "),
            (
                "FROM example.com/busybox\nCOPY --chown=nobody-here file /x",
                "line 2: the image has no user"
            ),
            (
                "FROM example.com/busybox\nCOPY --chown=4294967295 file /x",
                "line 2: the image has no user"
            ),
            ("FROM example.com/busybox\nEXPOSE 70000", "line 2: \"70000\" is not a port"),
        ])
        func whatCannotBeBuiltIsToldWithItsLine(_ text: String, _ message: String) throws {
            let builder = try Self.context(text, ["file": "x"])
            let outcome = try Self.build(builder)
            #expect(outcome.code == 1 && outcome.errors.contains(message), "\(outcome)")
            #expect(builder.scratch.list("data/pods/run").isEmpty)
        }

        /// Links of the context lead nowhere outside it, copied or followed.
        @Test func theContextCannotBeLeft() throws {
            let builder = try Self.context("FROM scratch\nCOPY link/secret /x\n", ["inside/a": "a"])
            try builder.scratch.write("secret", to: "outside/secret")
            try tool("ln", "-s", builder.scratch("outside"), builder.scratch("context/link"))
            let outcome = try Self.build(builder)
            #expect(outcome.code == 1 && outcome.errors.contains("line 2: "), "\(outcome)")
        }

        @Test func anImageIsWrittenInBothFormats() throws {
            let builder = try Self.context(
                "FROM example.com/busybox\nCOPY a /a\nENTRYPOINT [\"/bin/cat\", \"/a\"]\n",
                ["a": "text"]
            )
            try builder.all([
                ["build", "--output=a.oci", "context"],
                [
                    "build", "-t", "example.com/aci:2", "--build-mode=appc", "--output=a.aci",
                    "context",
                ],
                ["script", "context/Containerfile", "--output=s.oci"],
            ])
            #expect(try builder.rkt("run", "--net=none", "oci-archive:a.oci").output == "text")
            #expect(try builder.rkt("run", "--net=none", "example.com/aci:2").output == "text")
            let image = try Builder.inspect(aci: builder.scratch("a.aci"))
            #expect(image.manifest["name"] as? String == "example.com/aci")
            #expect(File.exists(builder.scratch("s.oci")))
            let twice = try builder("build", "--output=a.oci", "context")
            #expect(twice.code == 1 && twice.errors.contains("already exists"), "\(twice)")
        }

        @Test(.requires("podman")) func podmanRunsIt() throws {
            let builder = try Self.context(
                "FROM example.com/busybox\nRUN rm /bin/probe\nENTRYPOINT [\"/bin/sh\", \"-c\", \"ls /bin/probe || echo gone\"]\n"
            )
            try builder.all([["build", "-t", "example.com/built:1", "-o", "a.oci", "context"]])
            let podman = try Podman()
            let loaded = try podman("load", "-q", "-i", builder.scratch("a.oci"))
            #expect(loaded.contains("example.com/built:1"))
            #expect(try podman.run("example.com/built:1").contains("gone"))
        }
    }
}
