internal import JSON

/// One step of a stage; variables in it are not replaced yet.
package struct Instruction: Sendable, Equatable {
    /// A program: words, or text for a shell.
    package enum Program: Sendable, Equatable {
        /// The words of the program, as a JSON array writes them.
        case words([String])
        /// Text for the shell of the stage.
        case shell(String)
    }

    /// A document that follows an instruction.
    package struct Document: Sendable, Equatable {
        /// What ends it, and what a file of it is called.
        package let name: String
        /// Its lines.
        package let text: String
        /// Whether variables in it stay as they are.
        package let isLiteral: Bool
    }

    /// An argument of the build, and its value unless the builder says another one.
    package struct Argument: Sendable, Equatable {
        /// The name.
        package let name: String
        /// The value, if the file has one.
        package let value: String?
    }

    /// A name and value, quotes and variables still in them.
    package struct Pair: Sendable, Equatable {
        /// The name.
        package let name: String
        /// The value.
        package let value: String
    }

    /// Files to copy.
    package struct Copy: Sendable, Equatable {
        /// What is copied: paths or patterns below the context or another image.
        package let sources: [String]
        /// Where to.
        package let target: String
        /// The stage or image they are from; the context if none is named.
        package let from: String?
        /// `USER[:GROUP]` that they belong to then.
        package let owner: String?
        /// Their permissions, in octal.
        package let mode: String?
        /// Whether URLs are sources too.
        package let takesURLs: Bool
        /// Whether archives are unpacked; nil for those of the source that aren't from a URL.
        package let unpacks: Bool?
        /// Whether the directories of a source's path are made in the target.
        package let keepsParents: Bool
        /// What is left out, patterns that begin where the source is found.
        package let excludes: [String]
        /// The digest that the contents of a URL must have, `sha256:HEX`.
        package let checksum: String?
    }

    /// What an instruction does.
    package enum Kind: Sendable, Equatable {
        /// Runs a program; the network is `default`, `none` or `host`.
        case run(Program, network: String, mounts: [RunMount])
        /// Copies files.
        case copy(Copy)
        /// Sets variables of the image.
        case env([Pair])
        /// Declares arguments.
        case arg([Argument])
        /// Sets labels.
        case label([Pair])
        /// Sets and makes the working directory.
        case workdir(String)
        /// Sets the user.
        case user(String)
        /// Says where the image can be reached.
        case expose([String])
        /// Says where it keeps data.
        case volume([String])
        /// Sets the program.
        case entrypoint(Program)
        /// Sets the program's arguments.
        case cmd(Program)
        /// Sets the shell of later steps.
        case shell([String])
        /// Sets the signal that ends the program.
        case stopSignal(String)
        /// Says how Docker would look whether the program is well; nil takes that back.
        case healthCheck(HealthCheck?)
        /// An instruction for builds that begin with the image.
        case onBuild(String)
        /// Names the author.
        case maintainer(String)
    }

    /// Where it begins.
    package let line: Int
    /// What it does.
    package let kind: Kind
    /// The documents that follow it.
    package let documents: [Document]
    /// The instruction as it was written, on one line.
    package let text: String

    /// Reads one instruction by itself, as `ONBUILD` keeps it.
    package init(text: String, line: Int) throws(ContainerfileError) {
        do throws(ContainerfileError) {
            let lines = try LogicalLines(text)
            guard let only = lines.all.first, lines.all.count == 1 else {
                throw ContainerfileError(line: line, "\"\(text)\" is not one instruction")
            }
            try self.init(only, escape: UInt8(ascii: "\\"))
        } catch {
            throw ContainerfileError(line: line, error.reason)
        }
    }

    init(_ line: LogicalLine, escape: UInt8) throws(ContainerfileError) {
        self.line = line.number
        documents = line.documents
        text = line.keyword + (line.rest.isEmpty ? "" : " " + line.rest)
        kind = try InstructionReader(line: line, escape: escape).kind()
    }
}

/// What a health check runs and when, times in nanoseconds; zero means Docker's default.
package struct HealthCheck: Sendable, Equatable {
    /// What is run.
    package let program: Instruction.Program
    /// Between two checks.
    package var interval: Int64 = 0
    /// For one check.
    package var timeout: Int64 = 0
    /// At the start.
    package var startPeriod: Int64 = 0
    /// Between two checks at the start.
    package var startInterval: Int64 = 0
    /// Failures until the program isn't well.
    package var retries: Int64 = 0
}
