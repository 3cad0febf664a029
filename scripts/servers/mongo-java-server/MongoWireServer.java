import de.bwaldvogel.mongo.MongoBackend;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.wire.message.MongoMessage;
import java.util.List;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.h2.mvstore.MVStore;

/**
 * mongo-java-server, an independent server of MongoDB's wire protocol, for development and tests:
 * {@code java -cp 'lib/*' MongoWireServer.java <port> [file]}. In memory; with a file, what was answered is on disk.
 */
public class MongoWireServer {
	public static void main(String[] args) {
		int port = Integer.parseInt(args[0]);
		MongoBackend backend = args.length > 1 ? new DurableBackend(args[1]) : new MemoryBackend();
		MongoServer server = new MongoServer(backend.version(new Version44()));
		Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow));
		server.bind("127.0.0.1", port);
		System.out.println("mongo-java-server listens on mongodb://127.0.0.1:" + port);
	}

	/** The lowest that the official driver 7 talks to; the server itself would name an older one, and be refused. */
	private static class Version44 implements MongoVersion {
		public int getWireVersion() {
			return 9;
		}

		public List<Integer> getVersionArray() {
			return List.of(4, 4, 0);
		}
	}

	/** Commits before it answers: the backend by itself would commit once a second, and lose that much at a kill -9. */
	private static class DurableBackend extends H2Backend {
		/** Messages share it, a commit has it alone: no half of a message is ever on disk. */
		private final ReadWriteLock lock = new ReentrantReadWriteLock();

		DurableBackend(String file) {
			super(new MVStore.Builder().fileName(file).autoCommitDisabled().open());
		}

		@Override
		public Document handleMessage(MongoMessage message) {
			Document answer;
			lock.readLock().lock();
			try {
				answer = super.handleMessage(message);
			} finally {
				lock.readLock().unlock();
			}
			lock.writeLock().lock();
			try {
				if (getMvStore().hasUnsavedChanges()) commit();
			} finally {
				lock.writeLock().unlock();
			}
			return answer;
		}
	}
}
