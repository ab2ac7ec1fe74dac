internal import AppContainer
package import Containerfiles
package import ImageStorage
internal import Linux
internal import OCI
internal import PodLifecycle

/// Builds the image of a Containerfile.
///
/// Steps that change files make a layer each, named for everything the step depends on: its own text, the layers below,
/// the contents it copies, the arguments it can see. A layer of that name that is in the workshop already is the result
/// of the same step, which then isn't run again. Stages that the target doesn't need are never begun.
package final class ContainerfileBuild {
    /// An image that a stage begins with, or files come from.
    package struct Base {
        /// What it says, with layers in the workshop.
        package let draft: ImageDraft
        /// What its contents depend on.
        package let key: String

        /// An image whose layers are in the workshop; its ID is its key.
        package init(_ image: StoredImage) throws {
            draft = try ImageDraft(image, as: .oci)
            key = "\(image.id) \(image.layers.map(\.description).joined(separator: " "))"
        }
    }

    /// What the caller decides.
    package struct Options {
        /// The values of arguments.
        package var arguments: [String: String] = [:]
        /// The stage to build; the last one if none is named.
        package var target: String?
        /// Whether every step is run, whatever is known.
        package var ignoresCache = false
        /// What steps may ask for, and images don't get.
        package var secrets: [String: Secret] = [:]
        /// The network of steps that don't name one.
        package var network = "default"

        /// Everything as the file says.
        package init() {}
    }

    let file: Containerfile
    let context: MergedDirectory
    let ignore: IgnoreFile
    let options: Options
    /// Where the layers are.
    package let workshop: Workshop
    /// The time that everything new gets.
    package let date: SourceDate
    let library: String
    /// Told what is done: the line of the file, the instruction, whether its result was known.
    let report: (Int, String, Bool) -> Void
    let warn: (String) -> Void
    let download: Download
    private let base: (borrowing Workshop, String) throws -> Base
    private var finished: [Int: StageState] = [:]
    private var images: [String: Base] = [:]

    /// A build.
    ///
    /// - Parameters:
    ///   - library: where stage1 lies.
    ///   - base: brings an image into the workshop.
    ///   - download: brings a file of the web.
    package init(
        _ file: Containerfile,
        context: MergedDirectory,
        options: Options,
        workshop: consuming Workshop,
        library: String,
        base: @escaping (borrowing Workshop, String) throws -> Base,
        download: @escaping Download,
        report: @escaping (Int, String, Bool) -> Void,
        warn: @escaping (String) -> Void
    ) throws {
        self.file = file
        self.context = context
        self.options = options
        self.workshop = workshop
        self.library = library
        self.base = base
        self.download = download
        self.report = report
        self.warn = warn
        date = try SourceDate.fromEnvironment()
        let text =
            try context.contents(of: "/.containerignore") ?? context.contents(of: "/.dockerignore")
        ignore = IgnoreFile(String(decoding: text ?? [], as: UTF8.self))
    }

    /// What was built: an image whose layers are all final, and what its contents depend on.
    package func image() throws -> (draft: ImageDraft, key: String) {
        var index = file.stages.count - 1
        if let target = options.target {
            guard let found = file.stage(target, before: file.stages.count) else {
                throw BuildError.invalid("there is no stage \"\(target)\"")
            }
            index = found
        }
        let state = try stage(index)
        return (ImageDraft(.oci(state.content), layers: state.layers), state.key)
    }

    // MARK: Stages

    func stage(_ index: Int) throws -> StageState {
        if let known = finished[index] { return known }
        let stage = file.stages[index]
        var state = try begin(stage, index)
        for instruction in stage.instructions {
            do {
                try perform(instruction, of: index, &state)
            } catch let error as Words.ExpansionError {
                throw ContainerfileError(line: instruction.line, error.description)
            } catch BuildError.program(let code) {
                throw ContainerfileError(
                    line: instruction.line,
                    "\(instruction.text): exit code \(code)"
                )
            } catch let error as ContainerfileError {
                throw error
            } catch {
                throw ContainerfileError(line: instruction.line, "\(error)")
            }
        }
        finished[index] = state
        return state
    }

    private func begin(_ stage: Containerfile.Stage, _ index: Int) throws -> StageState {
        let globals = try globalArguments()
        let name: String
        do {
            name = try Words.expand(stage.base, escape: file.escape) { globals[$0] }
            if let platform = stage.platform {
                let wanted = try Words.expand(platform, escape: file.escape) { globals[$0] }
                guard wanted.isEmpty || wanted == Platform.host.description else {
                    throw BuildError.invalid(
                        "no image for \(wanted) can be built on \(Platform.host)"
                    )
                }
            }
        } catch {
            throw ContainerfileError(line: stage.line, "\(error)")
        }
        guard !name.isEmpty else {
            throw ContainerfileError(line: stage.line, "the image of FROM is empty")
        }
        report(stage.line, "FROM \(name)", false)
        if let earlier = file.stage(name, before: index), Int(name) == nil {
            var state = try self.stage(earlier)
            state.forgetArguments()
            return state
        }
        if name.lowercased() == "scratch" {
            let layer = try emptyLayer()
            let draft = ImageDraft(.oci, layer: layer)
            return try StageState(draft, key: "scratch", layers: [])
        }
        let image: Base
        do { image = try self.image(name) } catch {
            throw ContainerfileError(line: stage.line, "\(error)")
        }
        var state = try StageState(image.draft, key: image.key, layers: image.draft.layers)
        let triggers = state.content.configuration.execution.onBuild
        state.content.configuration.execution.onBuild = []
        for text in triggers {
            let instruction = try Instruction(text: text, line: stage.line)
            try perform(instruction, of: index, &state)
        }
        return state
    }

    /// An image by its name, brought into the workshop once.
    func image(_ name: String) throws -> Base {
        if let known = images[name] { return known }
        let image = try base(workshop, name)
        images[name] = image
        return image
    }

    /// The arguments before the first stage, and those that tell the platform.
    func globalArguments() throws -> [String: String] {
        let host = Platform.host
        var values: [String: String] = [:]
        for prefix in ["BUILD", "TARGET"] {
            values[prefix + "PLATFORM"] = host.description
            values[prefix + "OS"] = host.operatingSystem
            values[prefix + "ARCH"] = host.architecture
            values[prefix + "VARIANT"] = host.variant
        }
        for argument in file.arguments {
            let known = values
            let standard = try argument.value.map {
                try Words.expand($0, escape: file.escape) { known[$0] }
            }
            values[argument.name] = options.arguments[argument.name] ?? standard
        }
        return values
    }
}

/// A stage as far as it is built.
struct StageState {
    /// What the image says.
    var content: ImageDraft.OCIContent
    /// Its layers, all final.
    var layers: [LayerID]
    /// What its contents depend on.
    var key: String
    /// The arguments that are declared.
    private(set) var arguments: [String: String] = [:]

    init(_ draft: ImageDraft, key: String, layers: [LayerID]) throws {
        guard case .oci(let content) = draft.content else {
            throw BuildError.invalid("the base is no OCI image")
        }
        self.content = content
        self.content.name = nil
        self.content.tag = "latest"
        self.layers = layers
        self.key = key
    }

    /// Arguments end with their stage.
    mutating func forgetArguments() { arguments = [:] }

    mutating func declare(_ name: String, _ value: String) { arguments[name] = value }

    /// The value of a variable: the image's environment counts before arguments.
    func value(_ name: String) -> String? {
        content.configuration.execution.environment.last { $0.hasPrefix("\(name)=") }
            .map { String($0.dropFirst(name.utf8.count + 1)) } ?? arguments[name]
    }

    /// Notes a step in the image's history.
    mutating func note(_ text: String, hasLayer: Bool, _ date: SourceDate) {
        content.configuration.history.append(
            .init(created: date.created, createdBy: text, isEmptyLayer: !hasLayer)
        )
    }
}
