import Foundation
import Linux
import TestSupport
import Testing

@testable import ImageStorage

/// The half that talks to the network, made to misbehave: whoever takes it over gets nowhere.
@Suite(.requires("gcc")) struct NetworkCageTests {
    /// Stands in for libcurl's work: by then the cage is closed.
    private static let intruder = """
        #define _GNU_SOURCE
        #include <errno.h>
        #include <fcntl.h>
        #include <netinet/in.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/prctl.h>
        #include <sys/socket.h>
        #include <unistd.h>
        static FILE *report;
        static void note(const char *what, int result) {
            fprintf(report, "%s=%s\\n", what, result < 0 ? "refused" : "done");
        }
        int curl_easy_perform(void *handle) {
            char path[4096];
            const char *data = getenv("HOME");
            snprintf(path, sizeof path, "%s/images/downloads/report", data);
            report = fopen(path, "w");
            note("shadow", open("/etc/shadow", O_RDONLY));
            note("passwd", open("/etc/passwd", O_RDONLY));
            note("keys", open("/etc/ssl/private", O_RDONLY));
            note("tmp", open("/tmp/rkt-intruder", O_WRONLY | O_CREAT, 0600));
            snprintf(path, sizeof path, "%s/images/layers/x", data);
            note("layers", open(path, O_WRONLY | O_CREAT, 0600));
            snprintf(path, sizeof path, "%s/images/blobs/sha256/x", data);
            note("blobs", open(path, O_WRONLY | O_CREAT, 0600));
            snprintf(path, sizeof path, "%s/pods/x", data);
            note("pods", open(path, O_WRONLY | O_CREAT, 0600));
            char *words[] = {"true", NULL};
            note("exec", execv("/bin/true", words));
            int server = socket(AF_INET, SOCK_STREAM, 0);
            struct sockaddr_in any = {.sin_family = AF_INET};
            note("bind", bind(server, (struct sockaddr *)&any, sizeof any));
            note("listen", listen(server, 1));
            note("raw", socket(AF_INET, SOCK_RAW, 1));
            note("chown", chown("/etc/ssl/openssl.cnf", 1, 1));
            note("kill", kill(getppid(), 0));
            note("root", setuid(1));
            fprintf(report, "privileges=%d\\n", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
            FILE *status = fopen("/proc/self/status", "r");
            fprintf(report, "proc=%s\\n", status ? "done" : "refused");
            fclose(report);
            return 7;
        }
        """

    @Test func aFetcherThatIsTakenOverGetsNowhere() throws {
        let fetch = try Fetch()
        let source = try fetch.scratch.write(Self.intruder, to: "intruder.c")
        let library = fetch.scratch("intruder.so")
        try tool("gcc", "-w", "-shared", "-fPIC", "-include", "signal.h", "-o", library, source)
        for directory in ["pods", "images/layers", "images/blobs/sha256"] {
            try fetch.scratch.makeDirectory("data/\(directory)")
        }
        let work = NetworkRequest.Work.download(
            .init(url: "https://127.0.0.1:1/a.aci", name: "a", limit: 1, isSigned: false)
        )
        let request = try Descriptor.sealedMemory(
            name: "request",
            NetworkRequest(work, NetworkOptions()).bytes
        )
        try request.seek(to: 0)
        let data = try Directory(path: fetch.data)
        let null = try Descriptor.open("/dev/null", .readWrite)
        let child = try Child.spawn(
            Fetch.program,
            arguments: ["rkt-fetcher", NetworkRequest.argument],
            environment: ["LD_PRELOAD=\(library)", "HOME=\(fetch.data)"],
            descriptors: [
                null.number, null.number, 2, data.descriptor.number, null.number, request.number,
            ]
        )
        let status = try child.wait()
        #expect(status == .exited(254))
        let facts = pairs(fetch.scratch.read("data/images/downloads/report") ?? "")
        let refused = [
            "shadow", "passwd", "keys", "tmp", "layers", "blobs", "pods", "exec", "bind", "listen",
            "raw",
            "chown", "kill", "root", "proc",
        ]
        for attempt in refused { #expect(facts[attempt] == "refused", "\(attempt)") }
        #expect(facts["privileges"] == "1")
        #expect(!File.exists("/tmp/rkt-intruder"))
    }
}
