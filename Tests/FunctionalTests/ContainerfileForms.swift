import Foundation
import TestSupport
import Testing

extension Functional {
    /// What came to Containerfiles later: mounts, files of the web, and more ways to copy.
    @Suite(.enabled(if: File.exists(Builder.program), "needs the release programs: make build"))
    struct ContainerfileForms {
        private let builder: Builder

        init() throws {
            builder = try Builder()
            try builder.rkt.fetch(try SharedFiles.busyboxACI.get())
            try builder.scratch.makeDirectory("context")
        }

        private func build(
            _ text: String,
            _ flags: String...,
            environment: [String: String]? = nil
        ) throws -> Outcome {
            try builder.scratch.write(
                "FROM example.com/busybox\n" + text,
                to: "context/Containerfile"
            )
            return try builder(
                ["build", "--output=out.oci", "--overwrite"] + flags + ["context"],
                environment: environment
            )
        }

        private func run(_ script: String) throws -> String {
            try builder.rkt([
                "run", "--net=none", "oci-archive:out.oci", "--exec=/bin/sh", "--", "-c", script,
            ]).output
        }

        private func isKnown(_ outcome: Outcome, _ instruction: String) -> Bool {
            outcome.errors.contains("known: \(instruction)")
        }

        @Test func filesAreMountedForAStep() throws {
            try builder.scratch.write("1", to: "context/src/a")
            try builder.scratch.write("secret", to: "context/src/hidden")
            try builder.scratch.write("src/hidden\n", to: "context/.dockerignore")
            let text = """
                RUN --mount=source=src,target=/new/place ls /new/place > /list && cat /new/place/a > /a \\
                  && ! touch /new/place/b
                RUN --mount=source=src/a,target=/file,rw echo 2 > /file && cat /file > /b
                """
            let first = try build(text)
            try #require(first.succeeded, "\(first)")
            #expect(try run("cat /list /a /b; ls -d /new /file") == "a\n12\n")
            #expect(builder.scratch.read("context/src/a") == "1")
            #expect(isKnown(try build(text), "RUN --mount=source=src,"))
            try builder.scratch.write("3", to: "context/src/a")
            let changed = try build(text)
            #expect(!isKnown(changed, "RUN"), "\(changed)")
            #expect(try run("cat /a") == "3")
            #expect(builder.scratch.list("data/build/staging").isEmpty)
        }

        @Test func filesOfAStageAreMounted() throws {
            try builder.scratch.write(
                """
                FROM example.com/busybox AS made
                RUN echo made > /it
                FROM example.com/busybox
                RUN --mount=from=made,source=/it,target=/mnt/it cat /mnt/it > /got
                """,
                to: "context/stages"
            )
            let outcome = try builder(
                "build",
                "-f",
                "context/stages",
                "--output=out.oci",
                "context"
            )
            try #require(outcome.succeeded, "\(outcome)")
            #expect(try run("cat /got; ls /mnt") == "made\n")
        }

        @Test func cachesLastAndTemporaryFilesDoNot() throws {
            let text = """
                RUN --mount=type=cache,target=/root/.cache,id=c --mount=type=tmpfs,target=/scratch \\
                  touch /scratch/x && echo x >> /root/.cache/log && cp /root/.cache/log /log
                """
            #expect(try build(text).succeeded)
            #expect(try run("wc -l < /log; ls -A /root/.cache /scratch") == "1\n")
            #expect(try build(text, "--no-cache").succeeded)
            #expect(try run("wc -l < /log") == "2\n")
            for sharing in ["private", "locked"] {
                let text = "RUN --mount=type=cache,target=/c,sharing=\(sharing) touch /c/\(sharing)"
                #expect(try build(text).succeeded)
            }
        }

        @Test func secretsAreSeenByTheirStepOnly() throws {
            try builder.scratch.write("qhush7", to: "secret")
            let text = """
                RUN --mount=type=secret,id=key,mode=0440 [ "$(cut -c2- /run/secrets/key)" = hush7 ] \\
                  && [ "$(stat -c %a /run/secrets/key)" = 440 ] && echo done > /done
                RUN --mount=type=secret,id=token,env=TOKEN [ "${TOKEN#from}" = " here" ] && ! ls /run/secrets/token
                RUN --mount=type=secret,id=nothing ! ls /run/secrets/nothing
                """
            let environment = ["TOKEN": "from here", "PATH": "/usr/bin:/bin"]
            let outcome = try build(
                text,
                "--secret=id=key,src=secret",
                "--secret=id=token,env=TOKEN",
                environment: environment
            )
            try #require(outcome.succeeded, "\(outcome)")
            #expect(try run("cat /done; ls /run/secrets") == "done\n")
            let found = try tool(
                "sh",
                "-c",
                "grep -rlE 'qhush7|from here' '\(builder.rkt.data)' '\(builder.scratch("out.oci"))' || true"
            )
            #expect(found == "", "\(found)")
            let missing = try build("RUN --mount=type=secret,id=other,required true")
            #expect(
                missing.code == 1 && missing.errors.contains("line 2: there is no secret"),
                "\(missing)"
            )
        }

        @Test func filesOfTheWebAreAdded() throws {
            let served = Served()
            let server = try ScriptedServer { request in
                request.path == "/dir/file.txt" ? .init(200, served.text) : .init(404, "")
            }
            let sum = String(
                try tool("sha256sum", try builder.scratch.write("one", to: "one")).prefix(64)
            )
            let url = server.url("/dir/file.txt?x=1")
            let checked = "ADD --checksum=sha256:\(sum) \(url) /checked\n"
            // A digest makes up for plain HTTP; nothing else does but the user's word.
            #expect(try build(checked).succeeded)
            let count = server.requests.count
            #expect(isKnown(try build(checked), "ADD --checksum"))
            #expect(server.requests.count == count)
            let plain = try build("ADD \(url) /plain/")
            #expect(plain.code == 1 && plain.errors.contains("line 2: "), "\(plain)")
            let http = "--insecure-options=http"
            let text = "ADD --chmod=644 \(url) /plain/\nADD \(url) /named\n"
            let first = try build(text, http)
            try #require(first.succeeded, "\(first)")
            #expect(
                try run("cat /plain/file.txt /named; stat -c %a /plain/file.txt /named")
                    == "oneone644\n600\n"
            )
            #expect(isKnown(try build(text, http), "ADD --chmod"))
            served.text = "two"
            #expect(!isKnown(try build(text, http), "ADD --chmod"))
            #expect(try run("cat /named") == "two")
            let wrong = try build("ADD --checksum=sha256:\(sum) \(url) /other\n")
            #expect(wrong.code == 1 && wrong.errors.contains("has not the digest"), "\(wrong)")
            #expect(builder.scratch.list("data/build/images/downloads").isEmpty)
            #expect(try build("ADD \(server.url("/none")) /x", http).code == 1)
        }

        @Test func pathsAreKeptAndFilesLeftOut() throws {
            for name in ["a/b/one.txt", "a/b/two.md", "a/c/three.txt", "a/top.md"] {
                try builder.scratch.write(name, to: "context/\(name)")
            }
            let outcome = try build(
                """
                COPY --parents a/b/one.txt a/*/three.txt /kept/
                COPY --parents a/./b /pivot/
                COPY --exclude=*.md --exclude=c a /less
                COPY --link=true --parents **/*.md /deep/
                """
            )
            try #require(outcome.succeeded, "\(outcome)")
            let found = try run("cd / && find kept pivot less deep -type f | sort")
            #expect(
                found.split(separator: "\n") == [
                    "deep/a/b/two.md", "deep/a/top.md", "kept/a/b/one.txt", "kept/a/c/three.txt",
                    "less/b/one.txt", "less/b/two.md", "pivot/b/one.txt", "pivot/b/two.md",
                ]
            )
        }

        /// In an archive that isn't a layer these are names as any other, which a layer then can't hold.
        @Test func namesOfWhiteoutsInArchivesHideNothing() throws {
            let script = "mkdir in && touch in/.wh.passwd in/x && tar -cf context/a.tar in"
            try tool("sh", "-ec", "cd '\(builder.scratch.path)' && \(script)")
            let outcome = try build("ADD a.tar /etc")
            #expect(outcome.code == 1 && outcome.errors.contains(".wh.passwd"), "\(outcome)")
            let packed = try build("ADD --unpack=false a.tar /a.tar")
            #expect(packed.succeeded, "\(packed)")
            #expect(try run("tar -tf /a.tar | wc -l") == "3\n")
        }

        @Test func aContextThatChangesIsNoticed() throws {
            // A file that somebody writes to as long as the build runs.
            try tool("truncate", "-s", "256M", builder.scratch("context/busy"))
            let writer = try Execution([
                "/bin/sh", "-c",
                "while :; do echo x >> '\(builder.scratch("context/busy"))'; echo; done",
            ])
            #expect(eventually { !writer.output.isEmpty })
            defer {
                writer.signal(SIGKILL)
                writer.finished(within: 5)
            }
            let outcome = try build("COPY busy /busy")
            #expect(outcome.code == 1 && outcome.errors.contains("changed"), "\(outcome)")
        }

        @Test func whatABaseTriggersIsDone() throws {
            try builder.scratch.write("x", to: "context/a")
            let base = "ONBUILD COPY a /triggered\nHEALTHCHECK --retries=2 CMD [\"true\"]\n"
            try builder.scratch.write("FROM example.com/busybox\n" + base, to: "context/base")
            try builder.all([
                ["build", "-f", "context/base", "-t", "example.com/base:1", "context"]
            ])
            try builder.scratch.write(
                "# syntax=docker/dockerfile:1\nARG V=1\nFROM --platform=$BUILDPLATFORM example.com/base:$V\n"
                    + "ARG TARGETARCH\nRUN echo $TARGETARCH > /arch\n",
                to: "context/child"
            )
            try builder.all([["build", "-f", "context/child", "-o", "out.oci", "context"]])
            #expect(try run("cat /triggered") == "x")
            #expect(["amd64\n", "arm64\n"].contains(try run("cat /arch")))
            let other = try build("")
            #expect(other.succeeded, "\(other)")
            try builder.scratch.write(
                "FROM --platform=plan9/mips example.com/busybox\n",
                to: "context/other"
            )
            let refused = try builder("build", "-f", "context/other", "-o", "x.oci", "context")
            #expect(refused.code == 1 && refused.errors.contains("line 1: "), "\(refused)")
        }
    }
}

/// What a server says now.
private final class Served: @unchecked Sendable {
    private let lock = NSLock()
    private var value = "one"
    var text: String {
        get { lock.withLock { value } }
        set { lock.withLock { value = newValue } }
    }
}
