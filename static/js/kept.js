// What must outlive a closed browser and is too big for localStorage: photos, and reports that wait for
// the network. Where IndexedDB is missing or full, everything answers as if nothing was kept.
const STORES = ["files", "waiting"];

function database() {
  return new Promise((done, fail) => {
    const asked = indexedDB.open("fangxiu", 1);
    asked.onupgradeneeded = () => STORES.forEach((name) => asked.result.createObjectStore(name));
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => fail(asked.error);
  });
}

async function act(store, mode, ask, otherwise) {
  try {
    const open = await database();
    return await new Promise((done, fail) => {
      const asked = ask(open.transaction(store, mode).objectStore(store));
      asked.transaction.oncomplete = () => done(asked.result);
      asked.transaction.onabort = () => fail(asked.transaction.error);
      asked.transaction.onerror = () => fail(asked.transaction.error);
    }).finally(() => open.close());
  } catch {
    return otherwise;
  }
}

// Each answers with a promise; put answers whether it was kept.
export const get = (store, key) => act(store, "readonly", (box) => box.get(key), undefined);
export const all = (store) => act(store, "readonly", (box) => box.getAll(), []);
export const put = async (store, key, value) => (await act(store, "readwrite", (box) => box.put(value, key))) !== undefined;
export const remove = (store, key) => act(store, "readwrite", (box) => box.delete(key));
export const clear = () => Promise.all(STORES.map((store) => act(store, "readwrite", (box) => box.clear())));
