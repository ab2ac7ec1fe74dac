internal import CCompression

/// One step of a pipeline on a thread of its own.
@safe
package struct Stage<Value: Sendable, Failure: Error>: ~Copyable {
    private let task: Task
    private let thread: OpaquePointer

    /// Starts the work at once.
    package init(
        _ work: @escaping @Sendable () throws(Failure) -> Value
    ) throws(CompressionError) {
        let task = Task(work)
        let context = unsafe Unmanaged.passRetained(task as AnyTask)
        let thread = unsafe compression_thread_start(
            { context in
                guard let context = unsafe context else { return }
                unsafe Unmanaged<AnyTask>.fromOpaque(context).takeRetainedValue().run()
            },
            context.toOpaque()
        )
        guard let thread = unsafe thread else {
            unsafe context.release()
            throw .exhausted("a thread")
        }
        self.task = task
        unsafe self.thread = thread
    }

    /// Waits for the end of the work and returns what it made.
    package consuming func join() throws(Failure) -> Value {
        unsafe compression_thread_join(thread)
        return try task.outcome()
    }

    private final class Task: AnyTask {
        private let work: @Sendable () throws(Failure) -> Value
        private var result: Result<Value, Failure>?

        init(_ work: @escaping @Sendable () throws(Failure) -> Value) { self.work = work }

        override func run() {
            do throws(Failure) {
                result = .success(try work())
            } catch {
                result = .failure(error)
            }
        }

        /// Only for after the thread has ended: joining it makes its writes visible here.
        func outcome() throws(Failure) -> Value {
            guard let result else { preconditionFailure("joined a thread that has not run") }
            return try result.get()
        }
    }
}

/// What a thread gets to run, whatever it makes.
private class AnyTask {
    func run() {}
}
